// Subscribes with the client that is asked for, and prints what it hears as lines of JSON.
//   node subscribe.mjs ws|sse URL IDS...
import { createClient as overEvents } from "graphql-sse";
import { createClient as overSocket } from "graphql-ws";
import WebSocket from "ws";

const [way, url, ...ids] = process.argv.slice(2);
const address = url.replace("http", "ws");
const query = `subscription Watch($ids: [ID!]!) {
  videos(ids: $ids) { id finished video { latestTask { status progress } } }
}`;

const client =
  way === "ws"
    ? overSocket({ url: address, webSocketImpl: WebSocket, retryAttempts: 0 })
    : overEvents({ url, retryAttempts: 0 });

async function hear(request) {
  try {
    for await (const result of client.iterate(request)) console.log(JSON.stringify(result));
  } catch (problem) {
    console.log(JSON.stringify({ problem }));
  }
}

await hear({ query, operationName: "Watch", variables: { ids } });
await hear({ query: "{ __typename }" });
await hear({ query: "subscription { nothing }" });
await client.dispose();

let legacy = null;
if (way === "ws") {
  const socket = new WebSocket(address, "graphql-ws");
  socket.on("error", () => {});
  legacy = await new Promise((resolve) => socket.on("close", resolve));
}
console.log(JSON.stringify({ legacy }));
