"""The template groups."""

from gateway.sandbox.catalog import GROUPS


def test_groups_show_the_variety() -> None:
    """Groups have one to six different outputs; sound only, encrypted and watermarked ones occur."""
    assert {len(group) for group in GROUPS} >= {1, 6}
    assert all(len(set(group)) == len(group) for group in GROUPS)
    templates = {template for group in GROUPS for template in group}
    assert {template.format for template in templates} == {"mp4", "m3u8", "mp3"}
    assert any(template.encrypted for template in templates)
    assert any(template.watermarked for template in templates)
    assert all((template.format == "mp3") == (template.width == 0) for template in templates)


def test_outputs_can_be_told_apart() -> None:
    """Within a group, definition and format together name one output: a summary has nothing else to go by."""
    for group in GROUPS:
        assert len({(template.definition, template.format) for template in group}) == len(group)
