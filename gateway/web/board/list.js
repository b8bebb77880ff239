// The tasks of all providers: under way, and ended.

import { h, identified, mark, write } from "./dom.js";
import { PROVIDERS, STATES, isMoving } from "./format.js";
import { Row } from "./row.js";

const STAY = 4_000; // ms that a task which has just ended stays where it was, so that its end is seen
const MOST_ENDED = 120;
const FILTERS = {
  provider: { label: "Provider", choices: { ALL: "All", ...PROVIDERS } },
  state: {
    label: "State",
    choices: { ALL: "All", MOVING: "Under way", DONE: "Done", FAILED: "Failed" },
  },
};
const STATE_OF = { SUCCEEDED: "DONE", PARTIAL: "FAILED", FAILED: "FAILED" };

export class List {
  constructor(place, filters, { onopen, onunfollow, onend }) {
    this.place = place;
    this.actions = { onopen, onunfollow };
    this.onend = onend;
    this.rows = new Map();
    this.chosen = { provider: "ALL", state: "ALL" };
    this.sections = { moving: section("Under way"), ended: section("Ended") };
    this.empty = h("p", { class: "empty" });
    this.sources = h("ul", { class: "sources", role: "list", "aria-label": "Providers that are missing" });
    place.append(this.sources, this.empty, this.sections.moving.element, this.sections.ended.element);
    for (const [name, filter] of Object.entries(FILTERS)) filters.append(this.#choice(name, filter));
    setInterval(() => this.#tick(), 1000);
  }

  /** Takes in a task from a list, unless what is known of it is younger, or comes from a watch. */
  offer(task) {
    const known = this.rows.get(task.id)?.task;
    if (known?.live || Date.parse(task.observedAt) < Date.parse(known?.observedAt)) return;
    this.put(task);
  }

  /** Takes in what is known of a task; what is not told leaves what was known. */
  put(task) {
    const row = this.rows.get(task.id);
    if (!row) {
      this.#add(task);
      return;
    }
    const before = row.task;
    const known = { ...before, ...task };
    row.update(known);
    if (isMoving(before.status) && !isMoving(known.status)) {
      this.onend(known);
      mark(row.element, "data-just", "ended");
      setTimeout(() => this.#settle(row), STAY);
    } else if (isMoving(before.status) !== isMoving(known.status)) {
      this.#settle(row);
    }
    this.#show();
  }

  #add(task) {
    const row = new Row(task, {
      onopen: this.actions.onopen,
      onunfollow: () => this.actions.onunfollow(row.task),
    });
    this.rows.set(task.id, row);
    this.#settle(row);
    this.#show();
  }

  remove(ids) {
    for (const id of ids) {
      this.rows.get(id)?.element.remove();
      this.rows.delete(id);
    }
    this.#show();
  }

  get tasks() {
    return [...this.rows.values()].map((row) => row.task);
  }

  /** Says which providers' tasks are not there, and why. */
  missing(sources) {
    const lines = sources.filter((source) => !source.ok || source.stale).map((source) => {
      const name = PROVIDERS[source.provider];
      return source.ok ? `${name}’s list is older than usual.` : `${name}’s list is missing: ${source.message} (${source.code})`;
    });
    this.sources.replaceChildren(...lines.map((text) => h("li", { text })));
  }

  ready() {
    mark(this.place, "aria-busy", null);
    this.#show();
  }

  /** Puts a row where it belongs: newest first. */
  #settle(row) {
    const { id, createdAt, status } = row.task;
    if (this.rows.get(id) !== row) return;
    mark(row.element, "data-just", null);
    const list = this.sections[isMoving(status) ? "moving" : "ended"].list;
    const after = [...list.children].find((other) => {
      const task = this.rows.get(other.dataset.task)?.task;
      return other !== row.element && task && (task.createdAt ?? "") <= (createdAt ?? "");
    });
    const held = row.element.contains(document.activeElement) ? document.activeElement : null;
    list.insertBefore(row.element, after ?? null);
    held?.focus();
    while (this.sections.ended.list.childElementCount > MOST_ENDED) {
      const last = this.sections.ended.list.lastChild;
      this.rows.delete(last.dataset.task);
      last.remove();
    }
    this.#show();
  }

  #show() {
    let shown = 0;
    for (const { element, list, count } of Object.values(this.sections)) {
      let here = 0;
      for (const item of list.children) {
        const row = this.rows.get(item.dataset.task);
        const fits = row && this.#fits(row.task);
        mark(item, "hidden", !fits);
        here += fits ? 1 : 0;
      }
      write(count, String(here));
      mark(element, "hidden", !here);
      shown += here;
    }
    const busy = this.place.hasAttribute("aria-busy");
    mark(this.empty, "hidden", shown > 0);
    write(this.empty, busy ? "Reading the tasks …" : this.rows.size ? "No task fits the filter." : "No tasks in the last day.");
  }

  #fits({ provider, status }) {
    const state = isMoving(status) ? "MOVING" : STATE_OF[status] ?? "OTHER";
    return ["ALL", provider].includes(this.chosen.provider) && ["ALL", state].includes(this.chosen.state);
  }

  #choice(name, { label, choices }) {
    return h("fieldset", { class: "choice" }, h("legend", { class: "hidden", text: label }),
      Object.entries(choices).map(([value, text]) => {
        const input = h("input", { type: "radio", name, value, checked: value === "ALL", onchange: () => {
          this.chosen[name] = value;
          this.#show();
        } });
        return h("label", { for: identified(input, "filter") }, input, h("span", { text }));
      }));
  }

  #tick() {
    if (document.hidden) return;
    const now = Date.now();
    for (const row of this.rows.values()) row.tick(now);
  }
}

function section(title) {
  const heading = h("h3", {}, h("span", { text: title }));
  const count = h("span", { class: "count", text: "0" });
  heading.append(" ", count);
  const list = h("ol", { class: "rows", role: "list" });
  return { element: h("section", { "aria-labelledby": identified(heading, "section"), hidden: true }, heading, list), list, count };
}

/** What is said aloud of tasks that ended: one sentence, however many. */
export function announcement(ended) {
  if (ended.length === 1) {
    const [task] = ended;
    return `${PROVIDERS[task.provider]} ${task.name ?? task.videoId ?? "task"}: ${STATES[task.status]}.`;
  }
  const counts = Map.groupBy ? Map.groupBy(ended, (task) => task.status) : grouped(ended);
  const parts = [...counts].map(([status, tasks]) => `${tasks.length} ${STATES[status].toLowerCase()}`);
  return `${ended.length} tasks ended: ${parts.join(", ")}.`;
}

function grouped(tasks) {
  const groups = new Map();
  for (const task of tasks) groups.set(task.status, [...(groups.get(task.status) ?? []), task]);
  return groups;
}
