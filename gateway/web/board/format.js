// How figures and states are put into words.

export const STATES = {
  QUEUED: "Queued",
  RUNNING: "Running",
  SUCCEEDED: "Done",
  PARTIAL: "Partly done",
  FAILED: "Failed",
  CANCELLED: "Cancelled",
  SKIPPED: "Skipped",
  UNKNOWN: "Unknown",
};

export const PROVIDERS = { VOD: "VOD", IMS: "IMS", VISIONULAR: "Visionular" };

const MOVING = new Set(["QUEUED", "RUNNING", "UNKNOWN"]);
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const isMoving = (status) => MOVING.has(status);

/** Whole seconds, minutes, hours or days, one unit alone: an age that is read at a glance. */
export function span(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min`;
  if (whole < DAY) return `${Math.floor(whole / HOUR)} h`;
  return `${Math.floor(whole / DAY)} d`;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const date = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** A moment: the time of day, with the date where it is another day. */
export function moment(iso) {
  if (!iso) return "–";
  const at = new Date(iso);
  return at.toDateString() === new Date().toDateString() ? clock.format(at) : date.format(at);
}

/** From one moment to another. */
export function lasted(from, to) {
  if (!from || !to) return "–";
  return span((Date.parse(to) - Date.parse(from)) / 1000);
}

export function bytes(count) {
  if (count === null || count === undefined) return null;
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = Number(count);
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function playing(seconds) {
  if (seconds === null || seconds === undefined) return null;
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / MINUTE) % MINUTE, whole % MINUTE].map((part) => String(part).padStart(2, "0"));
  return whole >= HOUR ? `${Math.floor(whole / HOUR)}:${parts.join(":")}` : parts.join(":");
}

/** What is known of a file, in one line. */
export function file(output) {
  if (!output) return "";
  const { format, definition, width, height, bitrate, duration, fileSize } = output;
  const size = width && height ? `${width} × ${height}` : null;
  const rate = bitrate ? `${Math.round(bitrate)} kbit/s` : null;
  return [format, definition, size, rate, playing(duration), bytes(fileSize)].filter(Boolean).join(" · ");
}

/** Why something failed, in the provider's words. */
export function problem(error) {
  return error ? [error.code, error.message].filter(Boolean).join(": ") : "";
}
