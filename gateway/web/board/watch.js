// Which tasks and videos are watched: all that move, by as few streams as the gateway allows.

const MOST_IDS = 50; // of one subscription
const MOST_STREAMS = 3; // browsers keep six connections to a host, and lists need some of them
const GATHER = 400; // ms in which ids that become known together are put into one stream

/**
 * Watches ids of one kind, the first of many; a set that grows is asked for anew, one that shrinks is left to end by
 * itself.
 */
export class Watch {
  constructor(api, document, ids, heard, atOnce = MOST_IDS) {
    this.api = api;
    this.document = document;
    this.ids = ids;
    this.heard = heard;
    this.atOnce = Math.min(atOnce, MOST_IDS);
    this.streams = new Map();
  }

  /** Looks again at what should be watched. */
  refresh() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.#start(), GATHER);
  }

  #start() {
    const wanted = this.ids().slice(0, MOST_STREAMS * this.atOnce);
    const watched = new Set([...this.streams.values()].flatMap(({ ids }) => ids));
    if (wanted.every((id) => watched.has(id))) return;
    // Newest streams first, then the old ones are left: nothing that moves goes unwatched meanwhile.
    const old = [...this.streams.keys()];
    for (let start = 0; start < wanted.length; start += this.atOnce) this.#open(wanted.slice(start, start + this.atOnce));
    for (const leave of old) {
      leave();
      this.streams.delete(leave);
    }
  }

  #open(ids) {
    const leave = this.api.subscribe(this.document, { ids }, {
      next: (data) => this.heard(Object.values(data)[0]),
      complete: () => this.streams.delete(leave),
    });
    this.streams.set(leave, { ids });
  }

  stop() {
    for (const leave of this.streams.keys()) leave();
    this.streams.clear();
  }
}
