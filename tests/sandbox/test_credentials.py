"""The accepted keys."""

from gateway.sandbox.credentials import SANDBOX_CREDENTIALS, Credentials


def test_lookup() -> None:
    """A lasting key has no session token, a session key has one, an unknown key has nothing."""
    assert SANDBOX_CREDENTIALS.alibaba("sandboxAccessKeyId") == ("sandboxAccessKeySecret", None)
    assert SANDBOX_CREDENTIALS.alibaba("sandboxStsKeyId") == ("sandboxStsKeySecret", "sandboxSecurityToken")
    assert SANDBOX_CREDENTIALS.alibaba("other") is None


def test_repr_is_silent() -> None:
    """Secrets do not show in a repr, in case somebody puts real ones in."""
    shown = repr(Credentials(access_key_secret="hush", security_token="hush", visionular_secret_key="hush"))
    assert "hush" not in shown
