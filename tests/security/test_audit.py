"""GraphQL over HTTP, audited by the tool that the specification's working group points to."""

from __future__ import annotations

import json

import pytest

from tests.clients.conftest import Node, node

__all__ = ["node"]

AUDIT = """
import { auditServer } from "graphql-http";
const results = await auditServer({ url: process.argv[1] });
console.log(JSON.stringify(results.map(({ status, id, name, reason }) => ({ status, id, name, reason }))));
"""


@pytest.mark.node
@pytest.mark.timeout(180)
def test_every_item_of_the_audit_is_ok(gateway: str, node: Node) -> None:
    """None is an error, none a warning."""
    results = json.loads(node("--input-type=module", "--eval", AUDIT, f"{gateway}/graphql"))
    assert len(results) == 61
    assert [result for result in results if result["status"] != "ok"] == []
