import { type FragmentType, graphql, useFragment } from "./graph";

const PROGRESS = graphql(`
  fragment Progress on Task {
    provider
    status
    progress
    observedAt
  }
`);

/** How far a task is, and when the gateway saw it there. */
export function Progress({ of }: { of: FragmentType<typeof PROGRESS> }) {
  const task = useFragment(PROGRESS, of);
  return (
    <div className="progress" data-status={task.status}>
      <span className="status">{task.status}</span>
      <progress max={100} value={task.progress ?? (task.status === "SUCCEEDED" ? 100 : undefined)} />
      <span>{task.progress === null ? "" : `${task.progress} %`}</span>
      <small>
        {task.provider}, seen {new Date(task.observedAt).toLocaleTimeString()}
      </small>
    </div>
  );
}
