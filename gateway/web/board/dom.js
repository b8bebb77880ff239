// Elements are made and filled by text alone: nothing that a provider sends is ever read as markup.

const SVG = "http://www.w3.org/2000/svg";

/** Makes an element; `text`, `class`, `on…` and attributes in one object, null leaves one out. */
export function h(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** The same for drawings. */
export function s(tag, properties = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Sets text only where it differs, so that nothing is laid out or announced for nothing. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets or removes an attribute, only where it differs. */
export function mark(element, name, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
}

const SHAPES = {
  QUEUED: ["M8 4.5V8l2.4 1.6", true],
  RUNNING: ["M6.2 5.2v5.6L11 8z", false],
  SUCCEEDED: ["M5 8.2l2.1 2.1L11 6.2", true],
  PARTIAL: ["M8 4.8v3.9M8 10.9v.3", true],
  FAILED: ["M5.9 5.9l4.2 4.2M10.1 5.9l-4.2 4.2", true],
  CANCELLED: ["M5.4 8h5.2", true],
  SKIPPED: ["M5.6 5.8L8 8l-2.4 2.2M10.4 5.6v4.8", true],
  UNKNOWN: ["M6.5 6.6c0-2 3-2 3 0 0 1.2-1.5 1.2-1.5 2.4M8 10.9v.2", true],
};

/** The sign of a state: told apart by its shape, not by its colour alone. */
export function sign(status) {
  const [path, line] = SHAPES[status] ?? SHAPES.UNKNOWN;
  return s("svg", { class: "sign", viewBox: "0 0 16 16", "aria-hidden": "true" },
    s("circle", { cx: 8, cy: 8, r: 6.6 }),
    s("path", { d: path, class: line ? "line" : "fill" }));
}

/** Gives an element an id of its own, for what refers to it. */
export function identified(element, prefix) {
  element.id ||= `${prefix}-${++identified.count}`;
  return element.id;
}
identified.count = 0;
