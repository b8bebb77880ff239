"""What is transcoded into what: the template groups a team would typically have."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Template:
    """One output as its template asks for it, in landscape; width and height 0 mean sound only."""

    definition: str
    format: str
    width: int
    height: int
    fps: int
    bitrate: int
    encrypted: bool = False
    watermarked: bool = False


LD: Final = Template("LD", "mp4", 640, 360, 25, 400)
SD: Final = Template("SD", "mp4", 848, 480, 25, 900)
HD: Final = Template("HD", "mp4", 1280, 720, 25, 1500)
FHD: Final = Template("FHD", "mp4", 1920, 1080, 30, 3000, watermarked=True)
WQHD: Final = Template("2K", "mp4", 2560, 1440, 30, 7000, watermarked=True)
UHD: Final = Template("4K", "mp4", 3840, 2160, 60, 12000)
HLS_LD: Final = Template("LD", "m3u8", 640, 360, 25, 400)
HLS_SD: Final = Template("SD", "m3u8", 848, 480, 25, 900)
HLS_HD: Final = Template("HD", "m3u8", 1280, 720, 25, 1500)
SAFE_SD: Final = Template("SD", "m3u8", 848, 480, 25, 900, encrypted=True)
SAFE_HD: Final = Template("HD", "m3u8", 1280, 720, 25, 1500, encrypted=True, watermarked=True)
SAFE_FHD: Final = Template("FHD", "m3u8", 1920, 1080, 30, 3000, encrypted=True, watermarked=True)
ORIGINAL: Final = Template("OD", "mp4", 1920, 1080, 30, 6000)
PACKED: Final = Template("AUTO", "m3u8", 1280, 720, 25, 1500)
SQ: Final = Template("SQ", "mp3", 0, 0, 0, 64)
HQ: Final = Template("HQ", "mp3", 0, 0, 0, 192)

GROUPS: Final = (  # the large ones, of four to six outputs, first
    (LD, SD, HD, FHD),
    (SAFE_SD, SAFE_HD, SAFE_FHD, HD),
    (LD, SD, HD, FHD, WQHD, UHD),
    (ORIGINAL, HLS_HD, SQ, HQ),
    (LD, HLS_LD, HLS_SD, HLS_HD, SQ),
    (LD, SD, HD),
    (HLS_LD, HLS_SD, HLS_HD),
    (HD, SAFE_HD),
    (PACKED,),
    (SQ, HQ),
)
LARGE_GROUPS: Final = 5
