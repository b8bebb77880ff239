"""The routes."""

from __future__ import annotations

import httpx
import pytest


@pytest.mark.parametrize(
    "path", ["/", "/schema", "/schema/openapi.json", "/graphql/assets/../pages.py", "/x"]
)
def test_there_is_nothing_else(gateway: str, path: str) -> None:
    """Unknown addresses say where GraphQL is, and nothing about what serves it."""
    answer = httpx.get(gateway + path)
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert "/graphql" in answer.text
