"""Traits: without any, nothing is taken for granted."""

from __future__ import annotations

from gateway.execution import Traits


def test_nothing_is_assumed() -> None:
    """By default attributes are `getattr`'s, no class is doubted, no scalar native, no class tells a type."""
    traits = Traits()
    assert traits.attribute is getattr
    assert traits.doubt(object) is None
    assert traits.natives == {}
    assert not traits.class_tells_type
