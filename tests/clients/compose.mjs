// Composes the subgraphs of two files into a supergraph, as `rover supergraph compose` does, and plans a query over
// both, as a router does. Prints what came of it.

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { composeServices } from "@apollo/composition";
import { Supergraph, operationFromDocument } from "@apollo/federation-internals";
import { QueryPlanner } from "@apollo/query-planner";
import { parse } from "graphql";

const [query, ...files] = process.argv.slice(2);
const subgraphs = files.map((file) => {
  const name = basename(file, ".graphql");
  return { name, url: `http://${name}/`, typeDefs: parse(readFileSync(file, "utf8")) };
});
const { errors = [], hints = [], supergraphSdl = "" } = composeServices(subgraphs);
const result = {
  errors: errors.map((error) => error.message),
  hints: hints.map((hint) => `${hint.definition.code}: ${hint.message}`),
  fetches: [],
};
if (supergraphSdl) {
  const supergraph = Supergraph.build(supergraphSdl);
  const planner = new QueryPlanner(supergraph);
  const plan = planner.buildQueryPlan(operationFromDocument(supergraph.schema, parse(query)));
  result.fetches = [...fetches(plan.node)];
}
console.log(JSON.stringify(result));

/** The requests that a router sends, in order: to whom, and the document. */
function* fetches(node) {
  if (node?.kind === "Fetch") {
    yield { to: node.serviceName, query: node.operation, requires: node.requires ?? null };
  }
  for (const inner of node?.nodes ?? (node?.node ? [node.node] : [])) yield* fetches(inner);
}
