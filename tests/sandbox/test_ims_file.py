"""Descriptions of IMS output files."""

from gateway.sandbox.catalog import HD, HLS_SD
from gateway.sandbox.ims_file import OutputFile, describe

FILE = OutputFile("http://bucket/out/0.mp4", "media", 100.5, 1500.563, HD)


def test_numbers_or_strings() -> None:
    """The same leaves come as numbers or as strings."""
    numbers, strings = describe(FILE, as_strings=False), describe(FILE, as_strings=True)
    assert numbers["FileBasicInfo"]["FileSize"] == 18_850_822
    assert strings["FileBasicInfo"]["FileSize"] == "18850822"
    for part in ("VideoStreamInfoList", "AudioStreamInfoList"):
        assert strings[part][0] == {key: str(leaf) for key, leaf in numbers[part][0].items()}


def test_spelling() -> None:
    """Sizes are FileSize here, pictures mix two styles of key, sound has one."""
    meta = describe(FILE, as_strings=False)
    assert {"Codec_name", "PixFmt", "Bit_rate", "NumFrames"} <= set(meta["VideoStreamInfoList"][0])
    assert not any("_" in key for key in meta["AudioStreamInfoList"][0])
    assert "Filesize" not in meta["FileBasicInfo"]


def test_container() -> None:
    """The container is named as the probing tool names it."""
    playlist = OutputFile("http://bucket/out/0.m3u8", "media", 1, 1, HLS_SD)
    assert describe(playlist, as_strings=False)["FileBasicInfo"]["FormatName"] == "hls,applehttp"
