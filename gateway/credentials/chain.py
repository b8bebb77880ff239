"""Alibaba Cloud's own chain of credentials, by its library: environment, OIDC, profiles, RAM role, address.

The library is an optional extra (``transcode-gateway[alibaba]``): it drags in two HTTP stacks and a
scheduler, which a gateway with keys in its settings has no use for. What we do not leave to it:

- *its chain object*, which hides when keys expire and starts a thread for a RAM role that nobody may have.
  The members are the library's, and so is their order;
- *its words*: its exceptions and its log hold whole answers and whole addresses, tokens and keys included.
  What is told about a failure here is the member, the HTTP status and the error code;
- *forgetting*: its members answer from memory until 15 minutes before keys expire. When a provider refuses
  keys earlier than that, members are made anew.
"""

from __future__ import annotations

import importlib.util
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

from gateway.credentials.renewed import Found
from gateway.credentials.source import NoCredentialsError
from gateway.providers.signing import Credentials

MISSING = "the official chain is an extra: pip install 'transcode-gateway[alibaba]'"

_CONNECT, _READ = 2000, 5000  # milliseconds for one answer of STS
_SESSION = "transcode-gateway"
_STATUS = re.compile(r"http_?code\D{0,3}(\d{3})", re.IGNORECASE)
_CODE = re.compile(r'"Code"\s*:\s*"([A-Za-z][A-Za-z0-9.]{0,80})"')
_LOGGERS = ("credentials", "alibabacloud-tea")

Member = tuple[str, Callable[[], Any]]


def installed() -> bool:
    """Whether the library is there."""
    return importlib.util.find_spec("alibabacloud_credentials") is not None


class Chain:
    """The first member that has keys, and the role they may be exchanged for; blocks while it asks.

    Args:
        role_arn: A role to assume with what the chain has, for an account that trusts another one; None to
            use that as it is.
        sts_endpoint: Host of the service that exchanges keys; None for the library's choice, which
            ``ALIBABA_CLOUD_STS_REGION`` and ``ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED`` steer.
    """

    def __init__(self, *, role_arn: str | None = None, sts_endpoint: str | None = None) -> None:
        self._role_arn = role_arn
        self._sts_endpoint = sts_endpoint
        self._chosen: Any = None

    def __call__(self, *, anew: bool) -> Found:
        """Return keys; `anew`, of members that remember none.

        Raises:
            NoCredentialsError: No member has any.
        """
        if anew or self._chosen is None:
            self._chosen = None
            self._chosen, keys = self._choose()
        else:
            keys = _asked(self._chosen)
        return Found(
            credentials=Credentials(
                access_key_id=keys.get_access_key_id(),
                access_key_secret=keys.get_access_key_secret(),
                security_token=keys.get_security_token() or None,
            ),
            origin=f"chain: {keys.get_provider_name()}",
            expires_at=keys.get_expiration(),
        )

    def _choose(self) -> tuple[Any, Any]:
        """Return the first member that has keys, and its keys."""
        reasons = []
        for name, make in members(self._sts_endpoint):
            try:
                member = make()
                keys = member.get_credentials()
            except Exception as error:  # noqa: BLE001  whatever a member raises, the next one is asked
                reasons.append(f"{name}: {why(error)}")
                continue
            if self._role_arn is None:
                return member, keys
            role = _role(member, self._role_arn, self._sts_endpoint)
            return role, _asked(role)
        raise NoCredentialsError("; ".join(reasons))


def members(sts_endpoint: str | None = None) -> Iterator[Member]:
    """Yield the members in the library's order: a name, and what makes one."""
    import alibabacloud_credentials.provider as official  # noqa: PLC0415  an extra
    from alibabacloud_credentials.http import HttpOptions  # noqa: PLC0415
    from alibabacloud_credentials.utils import auth_util  # noqa: PLC0415

    _silence()
    patience = HttpOptions(connect_timeout=_CONNECT, read_timeout=_READ)
    yield "env", official.EnvironmentVariableCredentialsProvider
    if auth_util.enable_oidc_credential:
        yield (
            "oidc_role_arn",
            lambda: official.OIDCRoleArnCredentialsProvider(sts_endpoint=sts_endpoint, http_options=patience),
        )
    yield "cli_profile", official.CLIProfileCredentialsProvider
    yield "profile", official.ProfileCredentialsProvider
    if auth_util.environment_ecs_metadata_disabled.lower() != "true":
        # Its own updates in the background are switched off: it is asked every minute as it is.
        yield "ecs_ram_role", lambda: official.EcsRamRoleCredentialsProvider(async_update_enabled=False)
    if auth_util.environment_credentials_uri:
        yield "credential_uri", lambda: official.URLCredentialsProvider(http_options=patience)


def why(error: Exception) -> str:
    """Return what may be told about a failure of the library."""
    text = str(error)
    told = [f"HTTP {match[1]}" for match in [_STATUS.search(text)] if match]
    told += [match[1] for match in [_CODE.search(text)] if match]
    if told:
        return " ".join(told)
    return "no connection" if type(error).__name__ == "RetryError" else "nothing"


def _asked(member: Any) -> Any:
    try:
        return member.get_credentials()
    except Exception as error:  # noqa: BLE001  whatever it raises, keys are not what it gives
        raise NoCredentialsError(f"{member.get_provider_name()}: {why(error)}") from None


def _role(member: Any, role_arn: str, sts_endpoint: str | None) -> Any:
    from alibabacloud_credentials.http import HttpOptions  # noqa: PLC0415  an extra
    from alibabacloud_credentials.provider import RamRoleArnCredentialsProvider  # noqa: PLC0415

    return RamRoleArnCredentialsProvider(
        credentials_provider=member,
        role_arn=role_arn,
        role_session_name=_SESSION,
        sts_endpoint=sts_endpoint,
        http_options=HttpOptions(connect_timeout=_CONNECT, read_timeout=_READ),
    )


def _silence() -> None:
    """Keep the library from printing what it sends and receives to the standard error stream."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers[:] = [logging.NullHandler()]
        logger.propagate = False
    # Below it, urllib3 notes every address it asks; STS takes tokens and signatures in the address.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
