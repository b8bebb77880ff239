"""Alibaba Cloud's chain: the official library, on its services imitated on loopback."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_credentials.provider import default
from alibabacloud_credentials.utils import auth_constant, auth_util

from gateway.credentials import chain
from gateway.credentials.chain import Chain
from gateway.credentials.source import NoCredentialsError
from gateway.providers.signing import Credentials
from tests.credentials.official import Services, certificate, serving_tls
from tests.servers import serving

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

ROLE = "acs:ram::1234567890123456:role/gateway"


@pytest.fixture(scope="module")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Services, str, str, Path]]:
    services = Services()
    pem = certificate(tmp_path_factory.mktemp("tls"))
    with serving_tls(services, pem) as sts, serving(services) as plain:
        yield services, sts, plain, pem


@pytest.fixture
def services(
    _running: tuple[Services, str, str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Services:
    """The services; the library reads its environment when it is imported, and here it is an empty one."""
    services = _running[0]
    vars(services).update(vars(Services()))
    for name in vars(auth_util):
        if name.startswith("environment_"):
            monkeypatch.setattr(auth_util, name, None)
    monkeypatch.setattr(auth_util, "environment_ecs_metadata_disabled", "true")
    monkeypatch.setattr(auth_util, "environment_cli_profile_disabled", "false")
    monkeypatch.setattr(auth_util, "environment_enable_vpc", "false")
    monkeypatch.setattr(auth_util, "enable_oidc_credential", False)
    monkeypatch.setattr(auth_constant, "HOME", str(tmp_path))
    monkeypatch.setenv("SSL_CERT_FILE", str(_running[3]))
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return services


@pytest.fixture
def sts(_running: tuple[Services, str, str, Path]) -> str:
    """Host and port of STS."""
    return _running[1]


@pytest.fixture
def plain(_running: tuple[Services, str, str, Path]) -> str:
    """Address of the services without TLS."""
    return _running[2]


def temporary(turn: int) -> Credentials:
    """Return the keys that the services handed out in a turn."""
    return Credentials(
        access_key_id=f"STS.id{turn}", access_key_secret=f"s3cret{turn}", security_token=f"t0ken{turn}"
    )


def oidc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Set what Kubernetes gives to a service account with a role; return the file of its token."""
    token = tmp_path / "token"
    token.write_text("oidc-s3cret")
    monkeypatch.setattr(auth_util, "enable_oidc_credential", True)
    monkeypatch.setattr(auth_util, "environment_role_arn", ROLE)
    monkeypatch.setattr(
        auth_util, "environment_oidc_provider_arn", "acs:ram::1234567890123456:oidc-provider/k"
    )
    monkeypatch.setattr(auth_util, "environment_oidc_token_file", str(token))
    return token


def test_the_order_is_the_librarys(
    services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A version of the library whose chain has another member, or another order, is noticed here."""
    oidc(monkeypatch, tmp_path)
    monkeypatch.setattr(auth_util, "environment_ecs_metadata_disabled", "false")
    monkeypatch.setattr(auth_util, "environment_credentials_uri", "http://127.0.0.1:9/")

    class Ecs:
        def get_provider_name(self) -> str:
            return "ecs_ram_role"

    # The library's own starts a thread.
    monkeypatch.setattr(default, "EcsRamRoleCredentialsProvider", Ecs)
    official: Any = vars(default.DefaultCredentialsProvider())
    theirs = [one.get_provider_name() for one in official["_DefaultCredentialsProvider__providers_chain"]]
    assert [name for name, _ in chain.members()] == theirs


def test_the_environment_comes_first(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys of the library's own variables are used as they are and never end."""
    monkeypatch.setattr(auth_util, "environment_access_key_id", "id")
    monkeypatch.setattr(auth_util, "environment_access_key_secret", "s3cret")
    found = Chain()(anew=False)
    assert found.credentials == Credentials(access_key_id="id", access_key_secret="s3cret")
    assert (found.origin, found.expires_at) == ("chain: env", None)


def test_a_service_account_of_kubernetes(
    services: Services, sts: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its token is exchanged for keys; they are remembered until they are about to end."""
    token = oidc(monkeypatch, tmp_path)
    look_up = Chain(sts_endpoint=sts)
    found = look_up(anew=False)
    assert found.credentials == temporary(1)
    assert found.origin == "chain: oidc_role_arn"
    assert found.expires_at is not None
    assert services.asked == ["AssumeRoleWithOIDC"]
    assert services.parameters["OIDCToken"] == "oidc-s3cret"
    assert services.parameters["RoleArn"] == ROLE
    assert look_up(anew=False).credentials == temporary(1)
    token.write_text("next-s3cret")
    assert look_up(anew=True).credentials == temporary(2)
    assert services.parameters["OIDCToken"] == "next-s3cret"


def test_keys_are_replaced_before_they_end(
    services: Services, sts: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A quarter of an hour before their end the library asks for others."""
    oidc(monkeypatch, tmp_path)
    services.lifetime = 600
    look_up = Chain(sts_endpoint=sts)
    assert look_up(anew=False).credentials == temporary(1)
    assert look_up(anew=False).credentials == temporary(2)


def test_a_machine_with_a_role(services: Services, plain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The metadata service of the machine names its role and has keys for it."""
    monkeypatch.setattr(auth_util, "environment_ecs_metadata_disabled", "false")
    # Its address is fixed, so it is reached through a proxy.
    monkeypatch.setenv("HTTP_PROXY", plain)
    found = Chain()(anew=False)
    assert found.credentials == temporary(1)
    assert found.origin == "chain: ecs_ram_role"
    assert services.asked[-1] == "/latest/meta-data/ram/security-credentials/the-role"


def test_an_address_that_has_keys(services: Services, plain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else is tried first has nothing."""
    monkeypatch.setattr(auth_util, "environment_credentials_uri", f"{plain}/keys")
    assert Chain()(anew=False).credentials == temporary(1)


@pytest.mark.parametrize("kind", ["ini", "cli"])
def test_profiles(services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str) -> None:
    """Both of Alibaba Cloud's files are read."""
    if kind == "ini":
        file = tmp_path / ".alibabacloud" / "credentials.ini"
        text = "[default]\ntype = access_key\naccess_key_id = id\naccess_key_secret = s3cret\n"
    else:
        file = tmp_path / ".aliyun" / "config.json"
        profile = {"name": "default", "mode": "AK", "access_key_id": "id", "access_key_secret": "s3cret"}
        text = json.dumps({"current": "default", "profiles": [profile]})
    file.parent.mkdir()
    file.write_text(text)
    found = Chain()(anew=False)
    assert found.credentials == Credentials(access_key_id="id", access_key_secret="s3cret")
    assert found.origin == f"chain: {'profile' if kind == 'ini' else 'cli_profile'}/static_ak"


def test_a_role_of_another_account(services: Services, sts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the chain has is exchanged for keys of the role."""
    monkeypatch.setattr(auth_util, "environment_access_key_id", "id")
    monkeypatch.setattr(auth_util, "environment_access_key_secret", "s3cret")
    found = Chain(role_arn=ROLE, sts_endpoint=sts)(anew=False)
    assert found.credentials == temporary(1)
    assert found.origin == "chain: ram_role_arn/env"
    assert services.asked == ["AssumeRole"]
    assert services.parameters["AccessKeyId"] == "id"
    assert services.parameters["RoleSessionName"] == "transcode-gateway"


def test_nobody_has_keys(  # noqa: PLR0917  fixtures
    services: Services,
    sts: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The reason goes through the chain, with statuses and codes; nothing that was sent or received shows."""
    oidc(monkeypatch, tmp_path)
    services.down = True
    with caplog.at_level(logging.DEBUG), pytest.raises(NoCredentialsError) as caught:
        Chain(sts_endpoint=sts)(anew=False)
    assert caught.value.reason == (
        "env: nothing; oidc_role_arn: HTTP 400 NoPermission; cli_profile: nothing; profile: nothing"
    )
    shown = caplog.text + "".join(capfd.readouterr())
    assert "s3cret" not in shown


def test_an_unreachable_service_shows_no_token(
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The library's error holds the whole address, and STS takes tokens in the address."""
    oidc(monkeypatch, tmp_path)
    with (
        caplog.at_level(logging.DEBUG),
        pytest.raises(NoCredentialsError, match="oidc_role_arn: no connection"),
    ):
        Chain(sts_endpoint="127.0.0.1:9")(anew=False)
    assert "s3cret" not in caplog.text + "".join(capfd.readouterr())


def test_a_service_that_fails_later_is_named(
    services: Services, sts: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Once a member had keys, the chain stays with it; its failure is told likewise."""
    oidc(monkeypatch, tmp_path)
    services.lifetime = 600
    look_up = Chain(sts_endpoint=sts)
    look_up(anew=False)
    services.down = True
    with pytest.raises(NoCredentialsError, match=r"^oidc_role_arn: HTTP 400 NoPermission$"):
        look_up(anew=False)
