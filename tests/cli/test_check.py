"""The command that asks whether the providers agree."""

from __future__ import annotations

import pytest
from alibabacloud_credentials.utils import auth_util
from typer.testing import CliRunner

from gateway.cli import app
from tests.conftest import Sandbox


def test_each_provider_is_probed_with_one_cheap_call(
    environment: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    """A good configuration costs one call for each provider."""
    result = CliRunner().invoke(app, ["check", "--probe"])
    assert result.exit_code == 0, result.output
    assert result.stdout.count(" ok, ") == 3
    assert sandbox.calls() == {"GetTranscodeSummary": 1, "GetMediaConvertJob": 1, "query_task": 1}


def test_without_a_probe_nothing_is_called(environment: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    """Checking the settings alone needs no network."""
    environment.delenv("GATEWAY_VISIONULAR_URL")
    result = CliRunner().invoke(app, ["check"])
    assert result.exit_code == 0
    assert "VISIONULAR not configured" in result.stdout
    assert sandbox.calls() == {}


def test_a_wrong_key_is_named(environment: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    """The line of a failed probe says what is wrong and what to look at."""
    environment.setenv("GATEWAY_VOD_ACCESS_KEY_SECRET", "s3cret")
    environment.setenv("GATEWAY_VISIONULAR_SECRET_KEY", "s3cret")
    result = CliRunner().invoke(app, ["check", "--probe"])
    assert result.exit_code == 1
    assert "SignatureDoesNotMatch" in result.stdout
    assert "check key, secret, permissions" in result.stdout
    assert "s3cret" not in result.output


def test_a_clock_that_is_off_is_named(environment: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    """Keys may be right and the time wrong."""
    sandbox.fault(kind="clock_skew", seconds=1200)
    result = CliRunner().invoke(app, ["check", "--probe"])
    assert result.exit_code == 1
    assert "clock" in result.stdout


def test_an_unreachable_host_is_named(environment: pytest.MonkeyPatch) -> None:
    """A port where nobody listens is told apart from a wrong key."""
    for variable in ("GATEWAY_VOD_ENDPOINT", "GATEWAY_IMS_ENDPOINT", "GATEWAY_VISIONULAR_URL"):
        environment.setenv(variable, "http://127.0.0.1:9")
    result = CliRunner().invoke(app, ["check", "--probe"])
    assert result.exit_code == 1
    assert result.stdout.count("UPSTREAM_UNAVAILABLE") == 3
    assert "check the endpoint" in result.stdout


def test_the_entrance_is_checked_too(environment: pytest.MonkeyPatch) -> None:
    """Whether serve would start is told before anybody tries."""
    assert "access     decided" in CliRunner().invoke(app, ["check"]).stdout
    environment.delenv("GATEWAY_ACCESS_ANONYMOUS")
    undecided = CliRunner().invoke(app, ["check"])
    assert undecided.exit_code == 0
    assert "`gateway key`" in undecided.stdout
    environment.setenv("GATEWAY_ACCESS_KEYS", "s3cret")
    wrong = CliRunner().invoke(app, ["check"])
    assert wrong.exit_code == 2
    assert "s3cret" not in wrong.output


def _by_chain(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("GATEWAY_VOD_ACCESS_KEY_ID")
    environment.delenv("GATEWAY_VOD_ACCESS_KEY_SECRET")
    environment.setenv("GATEWAY_VOD_CREDENTIALS", "chain")
    environment.setattr(auth_util, "environment_ecs_metadata_disabled", "true")


def test_the_member_of_the_chain_is_named(environment: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    """Whose keys they are is told, and nothing of the keys."""
    _by_chain(environment)
    environment.setattr(auth_util, "environment_access_key_id", "sandboxAccessKeyId")
    environment.setattr(auth_util, "environment_access_key_secret", "sandboxAccessKeySecret")
    result = CliRunner().invoke(app, ["check", "--probe"])
    assert result.exit_code == 0, result.output
    assert "keys from chain: env" in result.stdout
    assert "keys from settings" in result.stdout
    assert "sandboxAccessKey" not in result.output


def test_a_chain_without_keys_says_why(environment: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    """Member by member; nothing is called."""
    _by_chain(environment)
    result = CliRunner().invoke(app, ["check", "--probe"])
    assert result.exit_code == 1
    assert "CREDENTIALS_UNAVAILABLE: env: nothing; cli_profile: nothing; profile: nothing" in result.stdout
    assert "GetTranscodeSummary" not in sandbox.calls()
