// The quotas: what each operation of each provider may cost, costs, and has cost in the last minutes.

import { h, mark, s, write } from "./dom.js";
import { PROVIDERS, span } from "./format.js";

const SAMPLES = 150; // of two seconds: five minutes
const WIDTH = 150;
const HEIGHT = 28;
const KEEPERS = { OWN: "this process", SHARED: "all replicas together", SHARE: "this replica’s part; the store is away" };

export class Gauges {
  constructor(place) {
    this.place = place;
    this.groups = new Map();
    this.gauges = new Map();
  }

  update(providers) {
    mark(this.place, "aria-busy", null);
    for (const { provider, configured, operations } of providers) {
      const group = this.#group(provider);
      mark(group.none, "hidden", configured);
      for (const operation of operations) {
        const key = `${provider}:${operation.name}`;
        if (!this.gauges.has(key)) {
          this.gauges.set(key, new Gauge(operation.name));
          group.list.append(this.gauges.get(key).element);
        }
        this.gauges.get(key).update(operation);
      }
    }
  }

  /** A gap in the plots, while nothing is known. */
  gap() {
    for (const gauge of this.gauges.values()) gauge.gap();
  }

  #group(provider) {
    if (!this.groups.has(provider)) {
      const none = h("p", { class: "note", text: "Not configured at this gateway." });
      const list = h("ul", { class: "gauges", role: "list" });
      const element = h("section", { class: "panel", "data-provider": provider }, h("h3", { text: PROVIDERS[provider] }), none, list);
      this.place.append(element);
      this.groups.set(provider, { none, list });
    }
    return this.groups.get(provider);
  }
}

class Gauge {
  constructor(name) {
    this.samples = [];
    this.used = h("span", { class: "used" });
    this.limit = h("span", { class: "limit" });
    this.meter = h("div", { class: "meter", role: "meter", "aria-label": `Calls a second of ${name}`, "aria-valuemin": "0" }, h("b"));
    this.area = s("path", { class: "area" });
    this.line = s("path", { class: "stroke" });
    this.ceiling = s("path", { class: "ceiling", d: `M0 .5H${WIDTH}` });
    this.circuit = h("span", { class: "chip", hidden: true });
    this.queue = h("span");
    this.answers = h("span");
    this.failure = h("p", { class: "failure", hidden: true });
    this.element = h("li", { class: "gauge", "data-operation": name },
      h("div", { class: "head" }, h("span", { class: "operation", text: name }),
        h("span", { class: "figures" }, this.used, this.limit)),
      this.meter,
      h("div", { class: "under" },
        h("p", { class: "facts" }, this.queue, this.answers),
        s("svg", { class: "plot", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" },
          this.ceiling, this.area, this.line)),
      h("div", { class: "health" }, this.circuit, this.failure));
  }

  update(operation) {
    const { limit, rate, used, waiting, estimatedWaitMs, circuit, latencyMs, hot, quota, lastFailure } = operation;
    write(this.used, String(used));
    write(this.limit, ` / ${figure(limit)} calls/s`);
    this.meter.firstChild.style.setProperty("--part", Math.min(1, used / limit));
    mark(this.meter, "aria-valuemax", limit);
    mark(this.meter, "aria-valuenow", Math.min(used, limit));
    mark(this.meter, "aria-valuetext", `${used} of ${figure(limit)}`);
    mark(this.meter, "data-full", used >= Math.floor(rate));
    const states = { OPEN: "left alone", HALF_OPEN: "being probed" };
    write(this.circuit, states[circuit] ?? "");
    mark(this.circuit, "hidden", circuit === "CLOSED");
    mark(this.element, "data-circuit", circuit);
    const wait = estimatedWaitMs < 1000 ? `${estimatedWaitMs} ms` : `${(estimatedWaitMs / 1000).toFixed(1)} s`;
    const slowed = rate < limit - 0.05 ? ` · slowed to ${figure(rate)}/s` : "";
    write(this.queue, `queue ${waiting} · wait ${wait}${slowed}`);
    const answers = latencyMs === null ? "not called yet" : `answers in ${Math.max(1, Math.round(latencyMs))} ms`;
    write(this.answers, answers);
    mark(this.queue.parentNode, "title", `Counted by ${KEEPERS[quota] ?? quota}; ${hot} ids are kept fresh`);
    const failed = lastFailure && `${lastFailure.code}, ${span((Date.now() - Date.parse(lastFailure.at)) / 1000)} ago`;
    write(this.failure, failed ?? "");
    mark(this.failure, "hidden", !failed);
    mark(this.failure, "title", failed && `Last error: ${failed}`);
    this.#sample(used / limit);
  }

  gap() {
    this.#sample(null);
  }

  #sample(part) {
    this.samples.push(part);
    if (this.samples.length > SAMPLES) this.samples.shift();
    const step = WIDTH / (SAMPLES - 1);
    const first = SAMPLES - this.samples.length;
    let line = "";
    let area = "";
    let begun = null;
    this.samples.forEach((value, place) => {
      const x = ((first + place) * step).toFixed(1);
      if (value === null) {
        if (begun !== null) area += `V${HEIGHT}H${begun}Z`;
        begun = null;
        return;
      }
      const y = (HEIGHT - 1 - Math.min(1, value) * (HEIGHT - 3)).toFixed(1);
      line += `${begun === null ? "M" : "L"}${x} ${y}`;
      area += `${begun === null ? "M" : "L"}${x} ${y}`;
      begun ??= x;
    });
    if (begun !== null) area += `V${HEIGHT}H${begun}Z`;
    this.line.setAttribute("d", line);
    this.area.setAttribute("d", area);
  }
}

function figure(number) {
  return Number.isInteger(number) ? String(number) : number.toFixed(1);
}
