import { type FragmentType, graphql, useFragment } from "./graph";
import { Progress } from "./Progress";

const VIDEO = graphql(`
  fragment VideoCard on Video {
    videoId
    latestTask {
      id
      ...Progress
      jobs {
        id
        status
        progress
        output {
          format
          width
          height
        }
        error {
          message
        }
      }
    }
  }
`);

/** A video, and how far each of its renditions is. */
export function VideoCard({ of }: { of: FragmentType<typeof VIDEO> }) {
  const { videoId, latestTask } = useFragment(VIDEO, of);
  return (
    <article>
      <h2>{videoId}</h2>
      {latestTask ? <Progress of={latestTask} /> : <p>Never transcoded.</p>}
      <ul>
        {latestTask?.jobs?.map(({ id, status, progress, output, error }) => (
          <li key={id} data-status={status}>
            <span>
              {output?.format ?? "?"} {output?.height && `${output.width} × ${output.height}`}
            </span>
            <span>{error?.message ?? (progress === null ? status : `${progress} %`)}</span>
          </li>
        ))}
      </ul>
    </article>
  );
}
