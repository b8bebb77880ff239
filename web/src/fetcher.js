// How GraphiQL talks to the gateway: one POST to the page's own address.

const ACCEPT = "application/graphql-response+json, application/json;q=0.9";

/** A fetcher whose requests the stop button can abort: GraphiQL unsubscribes from what it is given. */
export function createFetcher(endpoint) {
  return (params, options) => ({
    subscribe(observer) {
      const controller = new AbortController();
      send(endpoint, params, options?.headers, controller.signal).then(
        (result) => {
          observer.next(result);
          observer.complete();
        },
        (error) => controller.signal.aborted || observer.error(error),
      );
      return { unsubscribe: () => controller.abort() };
    },
  });
}

async function send(endpoint, { query, variables, operationName }, extra, signal) {
  const headers = new Headers({ accept: ACCEPT, "content-type": "application/json" });
  // From the headers editor, where anything can be written: a bad name throws here and is shown like any other error.
  for (const [name, value] of Object.entries(extra ?? {})) headers.set(name, value);
  // GraphiQL learns the name from the text a moment after a tab was changed: until then it is the other tab's.
  const meant = operationName && query.includes(operationName) ? operationName : undefined;
  const body = JSON.stringify({ query, variables, operationName: meant });
  const response = await fetch(endpoint, { method: "POST", headers, body, signal }).catch((error) => {
    if (signal.aborted) throw error;
    throw problem(`The gateway at ${endpoint} cannot be reached: ${error.message}`);
  });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    const status = `${response.status} ${response.statusText}`.trim();
    throw problem(`The gateway answered ${status}, and not in JSON: ${text.slice(0, 500) || "(nothing)"}`);
  }
}

/** An error without its stack, which GraphiQL would show and which says nothing about the gateway. */
function problem(message) {
  return Object.assign(new Error(message), { stack: undefined });
}
