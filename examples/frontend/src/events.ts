import { ApolloLink, Observable } from "@apollo/client";
import { print } from "graphql";
import { createClient } from "graphql-sse";

/** Subscriptions over server-sent events: plain HTTP, with the same headers and through the same proxies as queries. */
export function eventsLink(url: string): ApolloLink {
  const client = createClient({
    url,
    // For as long as the page is open; not all pages at once, when a gateway was restarted.
    retryAttempts: Infinity,
    retry: (attempt) =>
      new Promise((done) => setTimeout(done, Math.min(30_000, 1000 * 2 ** attempt) * (0.5 + Math.random()))),
  });
  return new ApolloLink(
    ({ query, variables, operationName = "" }) =>
      new Observable((observer) =>
        client.subscribe<ApolloLink.Result["data"]>(
          { query: print(query), variables, operationName },
          {
            next: (result) => observer.next(result as ApolloLink.Result),
            error: (error) => observer.error(error),
            complete: () => observer.complete(),
          },
        ),
      ),
  );
}
