"""GraphQL over HTTP, audited by the tool that the specification's working group points to."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.web.conftest import need

AUDIT = """
import { auditServer } from "graphql-http";
const results = await auditServer({ url: process.argv[2] });
console.log(JSON.stringify(results.map(({ status, id, name, reason }) => ({ status, id, name, reason }))));
"""


@pytest.mark.node
@pytest.mark.timeout(180)
def test_every_item_of_the_audit_is_ok(gateway: str, tmp_path: Path) -> None:
    """None is an error, none a warning."""
    npm = need(shutil.which("npm"), "no npm: install Node.js")
    node = need(shutil.which("node"), "no node: install Node.js")
    (tmp_path / "package.json").write_text(json.dumps({"private": True, "type": "module"}))
    install = [npm, "install", "--no-audit", "--no-fund", "--silent", "graphql@16", "graphql-http@1.23"]
    installed = subprocess.run(install, cwd=tmp_path, capture_output=True, check=False)
    need("yes" if installed.returncode == 0 else None, "npm cannot install graphql-http")
    (tmp_path / "audit.js").write_text(AUDIT)
    done = subprocess.run(
        [node, "audit.js", f"{gateway}/graphql"], cwd=tmp_path, capture_output=True, check=True, text=True
    )
    results = json.loads(done.stdout)
    assert len(results) == 61
    assert [result for result in results if result["status"] != "ok"] == []
