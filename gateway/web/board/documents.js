// Everything that the board asks.

// Costs no call for any of these fields, whichever listing a task was read from.
const TASK = `id provider name status providerStatus videoId createdAt completedAt observedAt error { code message }`;

const JOBS = `jobs {
  id name status providerStatus progress createdAt completedAt template { id name } error { code message }
  output { format definition width height bitrate duration fileSize }
}`;

/** What is moving shows how far it is; jobs and progress of IMS cost a call each, which a watch makes anyway. */
const MOVING = `${TASK} progress ${JOBS}`;

export const TASKS = `query BoardTasks($first: Int!) {
  tasks(first: $first) {
    nodes { ${TASK} }
    sources { provider ok stale code message observedAt }
  }
}`;

export const VIDEOS = `query BoardVideos($ids: [ID!]!) { videos(ids: $ids) { videoId latestTask { ${MOVING} } } }`;

export const TASK_IN_FULL = `query BoardTask($id: ID!) { task(id: $id) { ${MOVING} } }`;

export const HISTORY = `query BoardHistory($id: ID!) {
  video(id: $id) {
    videoId
    latestTask { ${MOVING} }
    tasks(first: 8) { nodes { id status providerStatus trigger templateGroupId createdAt completedAt } }
  }
}`;

export const WATCH_TASKS = `subscription BoardTasks($ids: [ID!]!) {
  tasks(ids: $ids) { id finished observedAt trouble { code message } task { ${MOVING} } }
}`;

export const WATCH_VIDEOS = `subscription BoardVideos($ids: [ID!]!) {
  videos(ids: $ids) { id finished observedAt trouble { code message } video { videoId latestTask { ${MOVING} } } }
}`;

export const QUOTAS = `query BoardQuotas {
  providers {
    provider configured
    operations {
      name limit rate quota used waiting estimatedWaitMs circuit latencyMs hot calls lastFailure { code at }
    }
  }
}`;
