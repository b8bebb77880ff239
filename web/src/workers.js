// Monaco checks GraphQL and JSON in workers. They are files beside this one: no blob: URL, no foreign host.

const FILES = { graphql: "graphql.worker.js", json: "json.worker.js" };

globalThis.MonacoEnvironment = {
  getWorker: (_id, label) => new Worker(new URL(FILES[label] ?? "editor.worker.js", import.meta.url), { name: label }),
};
