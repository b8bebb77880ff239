// Looking videos up: their newest task with its jobs and files, and what was done before.

import { HISTORY } from "./documents.js";
import { h, sign } from "./dom.js";
import { STATES, isMoving, lasted, moment } from "./format.js";
import { jobs } from "./row.js";

const AT_ONCE = 10;

export class Lookup {
  constructor(api, { panel, results, form, close }, { isFollowed, follow }) {
    Object.assign(this, { api, panel, results, isFollowed, follow });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#look(new FormData(form).get("ids"));
    });
    close.addEventListener("click", () => {
      panel.hidden = true;
      form.elements.ids.focus();
    });
  }

  async #look(text) {
    const ids = [...new Set(text.split(/[\s,;]+/).filter(Boolean))].slice(0, AT_ONCE);
    if (!ids.length) return;
    this.panel.hidden = false;
    const places = ids.map((id) => h("article", { class: "video" }, h("h3", {}, h("code", { text: id })), h("p", { class: "note", text: "Looking …" })));
    this.results.replaceChildren(...places);
    this.panel.focus();
    await Promise.all(ids.map(async (id, place) => {
      places[place].replaceChildren(...(await this.#found(id)));
    }));
  }

  async #found(id) {
    const title = h("h3", {}, h("code", { text: id }));
    try {
      const { data, errors } = await this.api.query(HISTORY, { id });
      if (data.video === null) {
        const text = errors.length ? errors[0].message : "VOD knows no such video.";
        return [title, h("p", { class: errors.length ? "failure" : "note", text })];
      }
      const { videoId, latestTask, tasks } = data.video;
      return [
        h("header", {}, title, this.#following(videoId)),
        latestTask ? latest(latestTask) : h("p", { class: "note", text: "Never transcoded in the past year." }),
        tasks?.nodes.length > 1 ? history(tasks.nodes) : null,
        ...errors.slice(0, 1).map((error) => h("p", { class: "failure", text: error.message })),
      ].filter(Boolean);
    } catch (error) {
      return [title, h("p", { class: "failure", text: error.message })];
    }
  }

  #following(videoId) {
    const button = h("button", { type: "button", class: "small", onclick: () => {
      this.follow(videoId, !this.isFollowed(videoId));
      show();
    } });
    const show = () => {
      button.textContent = this.isFollowed(videoId) ? "Unfollow" : "Follow on the board";
    };
    show();
    return button;
  }
}

function latest(task) {
  const took = isMoving(task.status) ? null : `took ${lasted(task.createdAt, task.completedAt)}`;
  const facts = [task.providerStatus, `made ${moment(task.createdAt)}`, took];
  return h("div", { class: "latest" },
    h("p", { class: "summary", "data-status": task.status }, sign(task.status),
      h("strong", { text: STATES[task.status] }),
      h("span", { text: facts.filter(Boolean).join(" · ") })),
    jobs(task.jobs ?? []));
}

function history(tasks) {
  const heads = ["State", "Made", "Took", "Started by", "Template group"];
  const rows = tasks.map((task) => h("tr", { "data-status": task.status },
    h("td", {}, sign(task.status), h("span", { text: STATES[task.status] })),
    h("td", { text: moment(task.createdAt) }),
    h("td", { class: "number", text: lasted(task.createdAt, task.completedAt) }),
    h("td", { text: task.trigger ? task.trigger.toLowerCase() : "–" }),
    h("td", {}, h("code", { text: task.templateGroupId ?? "–" }))));
  return h("details", {}, h("summary", { text: `History (${tasks.length})` }),
    h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "History" },
      h("table", {},
        h("thead", {}, h("tr", {}, heads.map((text) => h("th", { scope: "col", text, class: text === "Took" ? "number" : null })))),
        h("tbody", {}, rows))));
}
