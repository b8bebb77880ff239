import { useQuery } from "@apollo/client/react";

import { graphql } from "./graph";
import { Progress } from "./Progress";

const RECENT = graphql(`
  query Recent($first: Int!, $after: String) {
    tasks(first: $first, after: $after) {
      edges {
        node {
          id
          createdAt
          ...Progress
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
      sources {
        provider
        ok
        message
      }
    }
  }
`);

/** The newest work of all providers that list it, page by page. */
export function Recent() {
  const { data, error, fetchMore } = useQuery(RECENT, { variables: { first: 5 }, errorPolicy: "all" });
  const tasks = data?.tasks;
  return (
    <section aria-label="Recent">
      <h2>The last day</h2>
      {error && <p role="alert">{error.message}</p>}
      {tasks?.sources.filter((source) => !source.ok).map((source) => (
        <p role="alert" key={source.provider}>
          {source.provider}: {source.message}
        </p>
      ))}
      <ol>
        {tasks?.edges.map(({ node }) => (
          <li key={node.id}>
            <time>{node.createdAt && new Date(node.createdAt).toLocaleTimeString()}</time>
            <Progress of={node} />
          </li>
        ))}
      </ol>
      {tasks?.pageInfo.hasNextPage && (
        <button onClick={() => void fetchMore({ variables: { after: tasks.pageInfo.endCursor } })}>More</button>
      )}
    </section>
  );
}
