"""Arguments that name things."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.errors import BadUserInput
from gateway.domain.identity import JobRef, VideoRef, encode
from gateway.domain.records import Provider
from gateway.graph import arguments


@given(st.text(max_size=300))
def test_what_passes_is_harmless_in_a_list_of_ids(text: str) -> None:
    """An accepted id cannot end the parameter it is written into, nor smuggle in a second one."""
    try:
        accepted = arguments.provider_id(text, "id")
    except BadUserInput:
        return
    assert accepted == text
    assert not set(accepted) & set(',"\r\n\t\0 ')


_WORDS = st.text('aV ,"\n\u00e9', max_size=3) | st.sampled_from(
    ["b" * 256, "b" * 257, "VmlkZW8", "VmlkZW86YQ"]
)


@given(st.lists(_WORDS, max_size=4))
def test_what_is_vod_s_own_at_a_glance_is_so_at_a_closer_look(texts: list[str]) -> None:
    """Ids that are taken as they are would each have been."""
    if arguments.are_own(texts):
        assert [arguments.video(text, "ids") for text in texts] == [VideoRef(video_id=one) for one in texts]
    else:
        assert not texts or any(not text.isalnum() or len(text) > 256 or "VmlkZW8" in text for text in texts)


def test_a_videos_own_and_global_ids_mean_the_same() -> None:
    """A client may pass whichever of the two it holds."""
    assert arguments.video("d4860", "id") == VideoRef(video_id="d4860")
    assert arguments.video(encode(VideoRef(video_id="d4860")), "id") == VideoRef(video_id="d4860")


def test_the_parts_of_a_global_id_are_checked_too() -> None:
    """An id made up by someone who can encode base64 gets no further than a plain one."""
    with pytest.raises(BadUserInput):
        arguments.node_id(encode(VideoRef(video_id="a,b")), "id")
    with pytest.raises(BadUserInput):
        arguments.node_id(encode(JobRef(provider=Provider.VOD, provider_id="a b")), "id")


def test_lists_end_at_fifty() -> None:
    """Fifty ids pass, fifty-one do not."""
    assert len(arguments.limited(["a"] * 50, "ids")) == 50
    with pytest.raises(BadUserInput, match="not 51"):
        arguments.limited(["a"] * 51, "ids")
