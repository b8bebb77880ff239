import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { ApolloProvider } from "@apollo/client/react";
import { relayStylePagination } from "@apollo/client/utilities";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { eventsLink } from "./events";
import { Recent } from "./Recent";
import { Videos } from "./Videos";

declare const GATEWAY: string;

const client = new ApolloClient({
  // A task has the same id in every query, so what one query learns about it all show.
  cache: new InMemoryCache({
    possibleTypes: { Node: ["Video", "Task", "Job"] },
    typePolicies: { Query: { fields: { tasks: relayStylePagination(["filter"]) } } },
  }),
  // With an API key, both links take headers: { authorization: `Bearer ${key}` }.
  link: ApolloLink.split(
    ({ operationType }) => operationType === "subscription",
    eventsLink(GATEWAY),
    new HttpLink({ uri: GATEWAY }),
  ),
});

const ids = (new URLSearchParams(location.search).get("videos") ?? "").split(/[\s,]+/).filter(Boolean);

createRoot(document.getElementById("page")!).render(
  <StrictMode>
    <ApolloProvider client={client}>
      <main>
        <h1>Transcoding</h1>
        <form>
          <input name="videos" defaultValue={ids.join(", ")} placeholder="VOD video ids" aria-label="Video ids" />
          <button>Show</button>
        </form>
        {ids.length > 0 && <Videos ids={ids} />}
        <Recent />
      </main>
    </ApolloProvider>
  </StrictMode>,
);
