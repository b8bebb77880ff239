// How the gateway gets on, and who asks.

import { credential, health } from "./api.js";
import { write } from "./dom.js";

const WORDS = { up: "Live", gone: "No connection", refused: "Refused", connecting: "Connecting" };
const REFUSALS = { 401: "Not let in", 403: "Not let in", 429: "Told to wait", 503: "Told to wait" };

/** Shows the state of the connection, in words, and a banner where something has to be done. */
export function showConnection({ place, text, banner }, { onup }) {
  health.addEventListener("change", ({ detail: { state, error } }) => {
    const before = place.dataset.state;
    place.dataset.state = state;
    write(text, REFUSALS[error?.status] ?? WORDS[state]);
    const message = state === "up" ? "" : explained(state, error);
    write(banner, message);
    banner.hidden = !message;
    document.documentElement.dataset.connection = state;
    if (state === "up" && before !== "up" && before !== "connecting") onup();
  });
}

function explained(state, error) {
  if (state === "gone") return "The gateway does not answer. What you see grows old; the board keeps trying.";
  if (error.status === 401) return "This gateway wants to know who asks: give a key or token under “Access”.";
  return error.code ? `${error.message} (${error.code})` : error.message;
}

/** Lets a key be given, used and forgotten. */
export function askForAccess({ button, dialog, form, input, cancel, forget }, { onchange }) {
  button.addEventListener("click", () => {
    input.value = credential.get();
    dialog.showModal();
  });
  cancel.addEventListener("click", () => dialog.close());
  forget.addEventListener("click", () => use(""));
  form.addEventListener("submit", () => use(input.value.trim()));

  function use(key) {
    input.value = "";
    credential.set(key);
    if (dialog.open) dialog.close();
    onchange();
  }
}
