"""One output file of an IMS job as the wire describes it: the file, its picture, its sound.

The keys mix three styles of spelling, as in the sample. The SDK declares every leaf a string, the sample has
numbers for most; the sandbox writes a file one way or the other.
"""

from dataclasses import dataclass
from typing import Any

from gateway.sandbox.catalog import Template


@dataclass(frozen=True, slots=True)
class OutputFile:
    """What is known of a file: duration in seconds, bitrate in kbit/s."""

    url: str
    media_id: str
    duration: float
    bitrate: float
    template: Template


def describe(file: OutputFile, *, as_strings: bool) -> dict[str, Any]:
    """Write an OutFileMeta."""
    basic, video, audio = _basic(file), _video(file), _audio(file)
    if as_strings:
        for leaves in (basic, video, audio):
            leaves.update({key: str(leaf) for key, leaf in leaves.items()})
    return {"FileBasicInfo": basic, "VideoStreamInfoList": [video], "AudioStreamInfoList": [audio]}


def _basic(file: OutputFile) -> dict[str, Any]:
    template = file.template
    return {
        "FileName": file.url.rpartition("/")[2],
        "FileUrl": file.url,
        "FileStatus": "Normal",
        "FileType": "transcode_file",
        "FormatName": "hls,applehttp" if template.format == "m3u8" else "mov,mp4,m4a,3gp,3g2,mj2",
        "MediaId": file.media_id,
        "Region": "cn-shanghai",
        "FileSize": int(file.bitrate * 125 * file.duration),
        "Duration": file.duration,
        "Bitrate": file.bitrate,
        "Width": template.width,
        "Height": template.height,
    }


def _video(file: OutputFile) -> dict[str, Any]:
    template = file.template
    return {
        "Index": 0,
        "Codec_name": "h264",
        "Codec_long_name": "H.264 / AVC / MPEG-4 AVC / MPEG-4 part 10",
        "Codec_tag": "0x001b",
        "Codec_tag_string": "[27][0][0][0]",
        "Codec_time_base": f"1/{2 * template.fps}",
        "Profile": "High",
        "Level": 31,
        "Width": template.width,
        "Height": template.height,
        "PixFmt": "yuv420p",
        "Fps": template.fps,
        "Avg_fps": template.fps,
        "Bit_rate": file.bitrate,
        "Duration": file.duration,
        "Start_time": 1.473556,
        "Time_base": "1/90000",
        "NumFrames": int(file.duration * template.fps),
        "Has_b_frames": 2,
        "Sar": "1:1",
        "Dar": "16:9",
        "Rotate": 0,
        "Lang": "cn",
    }


def _audio(file: OutputFile) -> dict[str, Any]:
    return {
        "Index": 1,
        "CodecName": "aac",
        "CodecLongName": "AAC (Advanced Audio Coding)",
        "CodecTag": "0x000f",
        "CodecTagString": "[15][0][0][0]",
        "CodecTimeBase": "1/44100",
        "Bitrate": "0.f",  # the sample's own value
        "SampleRate": 44100,
        "SampleFmt": "fltp",
        "Channels": 2,
        "ChannelLayout": "stereo",
        "Duration": file.duration,
        "StartTime": 1.473556,
        "Timebase": "1/90000",
        "Lang": "cn",
    }
