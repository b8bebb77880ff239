"""The queries that GraphiQL opens with. Two of them need no id, so that they run against any account."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.web.pages import Sample

RECENT = """\
query Recent {
  ims: providerTasks(provider: IMS, pageSize: 5) {
    tasks {
      id
      status
      progress
      createdAt
      video {
        videoId
        latestTask { status progress jobs { status progress output { format width height } } }
      }
    }
  }
  visionular: providerTasks(provider: VISIONULAR, pageSize: 5) {
    totalCount
    tasks { id status createdAt completedAt error { code message } jobs { output { bitrate } } }
  }
}
"""

ALL = """\
query AllTasks($filter: TaskFilter, $after: String) {
  # The filter also takes statuses, createdAfter, createdBefore. Go on with endCursor as after.
  tasks(filter: $filter, first: 10, after: $after) {
    edges {
      cursor
      node { id provider status createdAt completedAt error { code message } jobs { status template { id } } }
    }
    pageInfo { hasNextPage endCursor }
    sources { provider ok stale code message }
  }
}
"""

VIDEOS = """\
query Videos($ids: [ID!]!) {
  videos(ids: $ids) {
    videoId
    latestTask {
      status
      providerStatus
      progress
      createdAt
      observedAt
      jobs {
        status
        progress
        template { id }
        output { format definition width height bitrate duration fileSize }
        error { code message }
      }
    }
  }
}
"""

_HISTORY = """\
query History($videoId: ID!) {
  # VOD lists a video's tasks without their jobs: those cost one call of GetTranscodeTask a task.
  providerTasks(provider: VOD, videoId: $videoId, pageSize: 10) {
    tasks { providerId status trigger createdAt completedAt jobs { providerId priority output { url } } }
    nextPage
  }
}
"""

_PAGES = """\
query ImsDetails {
  providerTasks(provider: IMS, pageSize: 3) {
    tasks {
      providerId
      name
      status
      providerStatus
      inputs { name location { type uri } }
      jobs {
        name
        status
        group { name type status }
        output { fileSize videoStreams { codecName width height } audioStreams { codecName sampleRate } }
      }
      observation { operation requestId at }
    }
    nextPage
  }
}
"""


def samples(video_ids: Sequence[str]) -> list[Sample]:
    """Return GraphiQL's tabs.

    Args:
        video_ids: VOD video ids for the queries that need some; without any, those are left out.
    """
    tabs = [
        Sample(name="Recent work", query=RECENT),
        Sample(name="IMS in detail", query=_PAGES),
        Sample(
            name="All tasks",
            query=ALL,
            variables={"filter": {"providers": ["IMS", "VISIONULAR"]}, "after": None},
        ),
    ]
    if video_ids:
        tabs[1:1] = [
            Sample(name="Videos", query=VIDEOS, variables={"ids": list(video_ids)}),
            Sample(name="One video's history", query=_HISTORY, variables={"videoId": video_ids[0]}),
        ]
    return tabs
