// One task: a line that is read at a glance, and its jobs underneath for who wants them.

import { h, identified, mark, sign, write } from "./dom.js";
import { PROVIDERS, STATES, file, isMoving, lasted, moment, problem, span } from "./format.js";

/** Makes the row of a task; `update(task)` and `tick(now)` keep it true. */
export class Row {
  constructor(task, { onopen, onunfollow }) {
    this.open = false;
    this.onopen = onopen;
    this.sign = h("span", { class: "sign-place" });
    this.name = h("span", { class: "name" });
    this.id = h("code", { class: "id" });
    this.state = h("span", { class: "state" });
    this.word = h("span", { class: "word" });
    this.bars = h("div", { class: "bars", role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100" });
    this.percent = h("span", { class: "percent" });
    this.age = h("span", { class: "age" });
    this.trouble = h("p", { class: "trouble", hidden: true });
    this.details = h("div", { class: "details", hidden: true });
    this.toggle = h("button", {
      type: "button",
      class: "toggle",
      "aria-expanded": "false",
      "aria-controls": identified(this.details, "details"),
      onclick: () => this.#turn(),
    }, h("span", { class: "hidden" }), h("span", { class: "chevron", "aria-hidden": "true" }));
    this.unfollow = h("button", { type: "button", class: "quiet small", text: "Unfollow", onclick: onunfollow });
    this.element = h("li", { class: "task", "data-provider": task.provider },
      h("div", { class: "line" },
        this.sign,
        h("span", { class: "provider", text: PROVIDERS[task.provider] }),
        h("div", { class: "what" }, this.name, this.id),
        h("div", { class: "progress" }, this.bars, this.percent),
        h("div", { class: "status" }, this.state, this.word),
        this.age,
        this.toggle),
      this.trouble,
      this.details);
    this.update(task);
  }

  update(task) {
    const before = this.task;
    this.task = task;
    mark(this.element, "data-status", task.status);
    mark(this.element, "data-task", task.id);
    mark(this.element, "data-moving", isMoving(task.status));
    if (before?.status !== task.status) this.sign.replaceChildren(sign(task.status));
    const id = task.provider === "VOD" ? task.videoId ?? own(task) : own(task);
    write(this.name, task.name ?? shortened(id));
    mark(this.name, "title", task.name ?? id);
    mark(this.name, "data-id", !task.name);
    write(this.id, task.name && task.videoId ? `video ${shortened(task.videoId)}` : "");
    mark(this.id, "title", task.videoId);
    write(this.state, STATES[task.status] ?? task.status);
    // The provider's own word, while it may say more than ours.
    const word = isMoving(task.status) ? task.providerStatus ?? "" : "";
    write(this.word, word.toLowerCase() === this.state.textContent.toLowerCase() ? "" : word);
    write(this.toggle.firstChild, `Details of ${PROVIDERS[task.provider]} ${this.name.textContent}`);
    this.#progress(task);
    const why = task.trouble ? `No news: ${task.trouble.message} (${task.trouble.code})` : problem(task.error);
    // Providers send codes with a success too; only what ended badly, or cannot be seen, is worth a line.
    const shown = task.trouble || ["FAILED", "PARTIAL"].includes(task.status) ? why : "";
    write(this.trouble, shown);
    mark(this.trouble, "hidden", !shown);
    mark(this.trouble, "data-kind", task.trouble ? "lost" : "failed");
    this.tick(Date.now());
    if (this.open) this.#fill();
  }

  /** Lets the age grow. */
  tick(now) {
    const at = Date.parse(this.task.observedAt);
    const verb = this.task.live ? "changed" : "seen";
    const seconds = (now - at) / 1000;
    write(this.age, Number.isNaN(seconds) ? "not seen yet" : `${verb} ${seconds < 2 ? "just now" : `${span(seconds)} ago`}`);
  }

  #progress(task) {
    const jobs = task.jobs?.length ? task.jobs : [task];
    while (this.bars.childElementCount > jobs.length) this.bars.lastChild.remove();
    while (this.bars.childElementCount < jobs.length) this.bars.append(h("i", {}, h("b")));
    const told = task.jobs?.some((job) => job.progress !== null);
    jobs.forEach((job, place) => {
      const bar = this.bars.children[place];
      // IMS tells progress of the task alone, so its jobs share it.
      const progress = told ? job.progress : task.progress;
      const ended = !isMoving(job.status);
      mark(bar, "data-status", told || ended ? job.status : task.status);
      mark(bar, "data-untold", !ended && (progress ?? null) === null);
      bar.firstChild.style.setProperty("--part", (ended ? 100 : progress ?? 0) / 100);
    });
    const moving = isMoving(task.status);
    const whole = moving ? task.progress ?? null : null;
    write(this.percent, moving ? (whole === null ? "" : `${whole}%`) : lasted(task.createdAt, task.completedAt));
    mark(this.percent, "title", moving ? null : "From being made to the end");
    mark(this.bars, "aria-valuenow", moving ? whole : 100);
    mark(this.bars, "aria-valuetext", moving && whole !== null ? `${whole} percent` : STATES[task.status]);
    mark(this.bars, "aria-label", `Progress of ${this.name.textContent}`);
  }

  #turn() {
    this.open = !this.open;
    mark(this.toggle, "aria-expanded", String(this.open));
    mark(this.details, "hidden", !this.open);
    if (!this.open) return;
    this.#fill();
    if (this.task.jobs === undefined) this.onopen(this.task);
  }

  #fill() {
    const task = this.task;
    const facts = [
      ["Provider’s word", task.providerStatus ?? "none"],
      ["Made", moment(task.createdAt)],
      ["Ended", moment(task.completedAt)],
      task.videoId ? ["Video", task.videoId] : null,
      ["Id", task.id],
    ].filter(Boolean);
    this.details.replaceChildren(
      h("dl", {}, facts.flatMap(([term, text]) => [h("dt", { text: term }), h("dd", { text })])),
      task.jobs === undefined ? h("p", { class: "note", text: "Reading the jobs …" }) : jobs(task.jobs ?? []),
      ...(task.followed ? [this.unfollow] : []));
  }
}

/** The provider's own part of an opaque id, or its end: enough to tell tasks apart. */
function own(task) {
  try {
    const [, , , providerId] = atob(task.id.replace(/-/g, "+").replace(/_/g, "/")).split(":");
    return decodeURIComponent(providerId) || task.id.slice(-16);
  } catch {
    return task.id.slice(-16);
  }
}

/** Both ends of a long id: people compare those. */
function shortened(id) {
  return id.length > 22 ? `${id.slice(0, 10)}…${id.slice(-8)}` : id;
}

/** Jobs and the files they make, as a table. */
export function jobs(found) {
  if (!found.length) return h("p", { class: "note", text: "No jobs are known." });
  const heads = ["State", "Progress", "File", "Template"];
  const rows = found.map((job) => h("tr", { "data-status": job.status },
    h("td", {}, sign(job.status), h("span", { text: STATES[job.status] ?? job.status })),
    h("td", { class: "number", text: job.progress === null ? "–" : `${job.progress}%` }),
    h("td", { text: file(job.output) || problem(job.error) || "–", title: problem(job.error) || null }),
    h("td", {}, h("code", { text: job.template?.name ?? job.template?.id ?? "–" }))));
  return h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Jobs" },
    h("table", {},
      h("thead", {}, h("tr", {}, heads.map((text) => h("th", { scope: "col", text, class: text === "Progress" ? "number" : null })))),
      h("tbody", {}, rows)));
}
