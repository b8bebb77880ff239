// What a client is shown while an answer comes in parts: `node defer.mjs URL VIDEO_ID`. Prints every state of it.

import { ApolloClient, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQL17Alpha9Handler } from "@apollo/client/incremental";
import { parse } from "graphql";

const QUERY = `query Deferred($id: ID!) {
  video(id: $id) { id videoId latestTask { id status ... @defer { trigger inputs { fileSize } } } }
}`;

const [url, id] = process.argv.slice(2);
const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: new HttpLink({ uri: url }),
  incrementalHandler: new GraphQL17Alpha9Handler(),
});
const states = [];
client.watchQuery({ query: parse(QUERY), variables: { id } }).subscribe(({ data, dataState, error }) => {
  if (error) throw error;
  if (data) states.push({ dataState, task: data.video.latestTask });
  if (dataState === "complete") {
    console.log(JSON.stringify(states));
    process.exit(0);
  }
});
