// The gateway, by its public GraphQL API and nothing else.

import { events } from "./stream.js";

const STORED = "transcoding-board-key";
const PATIENCE = 15_000; // ms for an answer; the gateway itself gives up earlier
const SILENCE = 45_000; // ms without as much as a heartbeat before a stream counts as lost
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 15_000;
const LASTED = 10_000; // ms after which a stream that ends was not a failure

/** The gateway answered, and will not do it. */
export class Refused extends Error {
  constructor(message, { code = "", status = 0, retryAfter = null } = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** The gateway did not answer. */
export class Gone extends Error {}

export const credential = {
  get: () => sessionStorage.getItem(STORED) ?? "",
  set: (key) => (key ? sessionStorage.setItem(STORED, key) : sessionStorage.removeItem(STORED)),
};

/** Tells how the gateway gets on: "up", "gone" or "refused", with an error and seconds until the next try. */
export const health = new EventTarget();

const channels = { query: { state: "up" }, stream: { state: "up" } };

/** Queries and streams may fare differently; what is shown is the worse of the two. */
function tell(channel, state, error = null) {
  channels[channel] = { state, error };
  const worst = ["gone", "refused", "up"].flatMap((one) => Object.values(channels).filter((it) => it.state === one))[0];
  health.dispatchEvent(new CustomEvent("change", { detail: worst }));
}

function headers(accept) {
  const key = credential.get();
  const token = key.split(".").length === 3; // the shape of a JSON Web Token
  return {
    Accept: accept,
    "Content-Type": "application/json",
    ...(key && (token ? { Authorization: `Bearer ${key}` } : { "X-API-Key": key })),
  };
}

async function post(url, body, accept, signal) {
  let answer;
  try {
    answer = await fetch(url, {
      method: "POST",
      body: JSON.stringify(body),
      headers: headers(accept),
      signal,
      cache: "no-store",
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
  } catch (error) {
    if (signal.aborted && signal.reason === "over") throw error;
    throw new Gone("The gateway does not answer.");
  }
  return answer;
}

function refusal(content, status) {
  const [first] = content?.errors ?? [];
  const { code = "", retryAfterMs = null } = first?.extensions ?? {};
  return new Refused(first?.message ?? `The gateway answers ${status}.`, { code, status, retryAfter: retryAfterMs });
}

/** Makes the two ways to ask. */
export function connect(url) {
  return {
    /** Returns `{ data, errors }`; parts that failed are null in the data and named among the errors. */
    async query(query, variables = {}) {
      const limit = AbortSignal.timeout(PATIENCE);
      try {
        const answer = await post(url, { query, variables }, "application/graphql-response+json", limit);
        const content = await answer.json().catch(() => {
          throw new Gone("What answers is not the gateway.");
        });
        if (!content.data) throw refusal(content, answer.status);
        tell("query", "up");
        return { data: content.data, errors: content.errors ?? [] };
      } catch (error) {
        tell("query", error instanceof Refused ? "refused" : "gone", error);
        throw error;
      }
    },

    /** Keeps a subscription until it is complete or left; calls `next` with data. Returns what leaves it. */
    subscribe(query, variables, { next, complete = () => {}, open = () => {} }) {
      const over = new AbortController();
      follow(url, { query, variables }, { next, complete, open }, over);
      return () => over.abort("over");
    },
  };
}

async function follow(url, request, { next, complete, open }, over) {
  for (let failures = 0; !over.signal.aborted; failures += 1) {
    const started = Date.now();
    try {
      await listen(url, request, { next, open }, over);
      complete();
      return;
    } catch (error) {
      if (over.signal.aborted) return;
      if (error instanceof Refused && error.status === 400) {
        tell("stream", "refused", error);
        return;
      }
      if (Date.now() - started > LASTED) failures = 0;
      const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures) * (0.5 + Math.random() / 2);
      tell("stream", error instanceof Refused ? "refused" : "gone", error);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/** Reads one stream to its end; returns once it is complete. */
async function listen(url, request, { next, open }, over) {
  const silent = new AbortController();
  let alarm = setTimeout(() => silent.abort(), SILENCE);
  try {
    const answer = await post(url, request, "text/event-stream", AbortSignal.any([over.signal, silent.signal]));
    if (!answer.ok || !answer.headers.get("Content-Type")?.startsWith("text/event-stream")) {
      throw refusal(await answer.json().catch(() => null), answer.status);
    }
    tell("stream", "up");
    open();
    for await (const { event, data } of events(answer.body)) {
      clearTimeout(alarm);
      alarm = setTimeout(() => silent.abort(), SILENCE);
      if (event === "complete") return;
      if (event !== "next") continue;
      const content = JSON.parse(data);
      if (!content.data) throw refusal(content, answer.status);
      next(content.data);
    }
    throw new Gone("The stream broke off.");
  } finally {
    clearTimeout(alarm);
  }
}
