"""Questions the providers' documents leave open, each with the answers the sandbox can give.

A client has to survive either answer, so tests run with both.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Choices:
    """How the sandbox answers where the documents are silent.

    Attributes:
        vod_unknown_video: What ListTranscodeTask says of a video that does not exist.
        ims_throttling: IMS documents its own code for too many calls, next to the one all products share.
        visionular_empty_window: What list_task puts under ``data`` when nothing matches.
    """

    vod_unknown_video: Literal["InvalidVideo.NotFound", "empty"] = "InvalidVideo.NotFound"
    ims_throttling: Literal["Throttling.User", "RequestsTooFrequent"] = "Throttling.User"
    visionular_empty_window: Literal["empty list", "null"] = "empty list"


USUAL_CHOICES = Choices()
