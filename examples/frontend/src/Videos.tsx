import { useQuery, useSubscription } from "@apollo/client/react";

import { graphql } from "./graph";
import { VideoCard } from "./VideoCard";

const VIDEOS = graphql(`
  query Videos($ids: [ID!]!) {
    videos(ids: $ids) {
      id
      ...VideoCard
    }
  }
`);

const MOVES = graphql(`
  subscription Moves($ids: [ID!]!) {
    videos(ids: $ids) {
      id
      video {
        id
        ...VideoCard
      }
    }
  }
`);

/** Videos by id, as they move. */
export function Videos({ ids }: { ids: string[] }) {
  // What one provider cannot tell is null beside an error; the rest is there.
  const { data, error } = useQuery(VIDEOS, { variables: { ids }, errorPolicy: "all" });
  // Each message goes into the cache, under the video's own id; the query above shows it from there. However many
  // pages watch, the gateway asks the provider once; when all have finished, it ends the stream.
  const moves = useSubscription(MOVES, { variables: { ids }, ignoreResults: true });
  const trouble = error ?? moves.error;
  return (
    <section aria-label="Videos">
      {trouble && <p role="alert">{trouble.message}</p>}
      {data?.videos?.map((video, place) =>
        video ? (
          <VideoCard key={video.id} of={video} />
        ) : (
          <article key={ids[place]}>
            <h2>{ids[place]}</h2>
            <p>There is no such video.</p>
          </article>
        ),
      )}
    </section>
  );
}
