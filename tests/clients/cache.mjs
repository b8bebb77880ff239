// What a normalized cache makes of two queries that show the same objects: `node cache.mjs apollo URL VIDEO_ID`.
// A page watches a list of videos; something else then asks for one task of it by its id. Prints what the page showed
// before and after, and how many requests there were.

import assert from "node:assert";
import { readFileSync } from "node:fs";
import { buildSchema, introspectionFromSchema, parse } from "graphql";

const LIST = `query List($ids: [ID!]!) {
  videos(ids: $ids) { id videoId latestTask { id status observedAt jobs { id status output { format } } } }
}`;
const ONE = `query One($id: ID!) {
  task(id: $id, maxAge: 0) { id status observedAt video { id videoId } }
}`;

const [client, url, videoId] = process.argv.slice(2);
const requests = [];
const counted = (input, init) => {
  requests.push(JSON.parse(init.body).operationName);
  return fetch(input, init);
};
const complaints = [];
console.warn = console.error = (...words) => complaints.push(words.join(" "));

const page = await { apollo, urql }[client]();
const before = await page.shown();
const task = before.videos[0].latestTask;
await page.ask(task.id);
const after = await page.shown((data) => data.videos[0].latestTask.observedAt !== task.observedAt);
console.log(JSON.stringify({ before, after, requests, complaints }));
process.exit(0);

/** Collects what a page is given; `shown` waits for the first that fits. */
function collector() {
  const waiting = [];
  let last;
  const look = () => {
    for (const one of [...waiting]) {
      if (last && one.fits(last)) {
        waiting.splice(waiting.indexOf(one), 1);
        one.resolve(last);
      }
    }
  };
  return {
    next: (data) => ((last = data), look()),
    shown: (fits = () => true) => new Promise((resolve) => (waiting.push({ fits, resolve }), look())),
  };
}

async function apollo() {
  const { ApolloClient, HttpLink, InMemoryCache } = await import("@apollo/client");
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: new HttpLink({ uri: url, fetch: counted }),
  });
  const { next, shown } = collector();
  client
    .watchQuery({ query: parse(LIST), variables: { ids: [videoId] } })
    .subscribe(({ data, dataState }) => dataState === "complete" && next(data));
  const ask = async (id) => {
    const { error } = await client.query({ query: parse(ONE), variables: { id }, fetchPolicy: "network-only" });
    assert(!error, error);
  };
  return { shown, ask };
}

async function urql() {
  const { Client, fetchExchange } = await import("@urql/core");
  const { cacheExchange } = await import("@urql/exchange-graphcache");
  const schema = introspectionFromSchema(buildSchema(readFileSync("../../schema.graphql", "utf8")));
  const client = new Client({
    url,
    fetch: counted,
    preferGetMethod: false,
    exchanges: [cacheExchange({ schema, keys: { Output: () => null } }), fetchExchange],
  });
  const { next, shown } = collector();
  client.query(LIST, { ids: [videoId] }).subscribe(({ data, error }) => {
    assert(!error, error);
    if (data) next(data);
  });
  const ask = async (id) => {
    const { error } = await client.query(ONE, { id }, { requestPolicy: "network-only" }).toPromise();
    assert(!error, error);
  };
  return { shown, ask };
}
