"""The accepted keys."""

import pytest

from gateway.sandbox.credentials import SANDBOX_CREDENTIALS, Credentials, Keyring


def test_lookup() -> None:
    """A lasting key has no session token, a session key has one, an unknown key has nothing."""
    assert SANDBOX_CREDENTIALS.alibaba("sandboxAccessKeyId") == ("sandboxAccessKeySecret", None)
    assert SANDBOX_CREDENTIALS.alibaba("sandboxStsKeyId") == ("sandboxStsKeySecret", "sandboxSecurityToken")
    assert SANDBOX_CREDENTIALS.alibaba("other") is None


def test_repr_is_silent() -> None:
    """Secrets do not show in a repr, in case somebody puts real ones in."""
    shown = repr(Credentials(access_key_secret="hush", security_token="hush", visionular_secret_key="hush"))
    assert "hush" not in shown


def test_keys_may_change() -> None:
    """The new ones are accepted from then on, the old ones no longer, and a reset takes all of it back."""
    keys = Keyring(SANDBOX_CREDENTIALS)
    keys.rotate({"access_key_id": "second", "security_token": "next"})
    assert keys.alibaba("second") == ("sandboxAccessKeySecret", None)
    assert keys.alibaba("sandboxAccessKeyId") is None
    assert keys.ended("sandboxSecurityToken")
    assert not keys.ended("next")
    keys.reset()
    assert keys.now == (SANDBOX_CREDENTIALS,)
    assert not keys.ended("sandboxSecurityToken")


def test_old_keys_may_be_kept_for_a_while() -> None:
    """As owners do it: the new one is made, whoever uses the old one is told, the old one is switched off."""
    keys = Keyring(SANDBOX_CREDENTIALS)
    keys.rotate({"access_key_id": "second"}, keep=True)
    assert keys.alibaba("second")
    assert keys.alibaba("sandboxAccessKeyId")
    keys.rotate({})
    assert keys.alibaba("second")
    assert keys.alibaba("sandboxAccessKeyId") is None


def test_keys_of_another_name_are_refused() -> None:
    """A slip of the pen is told, and changes nothing."""
    keys = Keyring(SANDBOX_CREDENTIALS)
    with pytest.raises(ValueError, match="There is no acess_key_id"):
        keys.rotate({"acess_key_id": "second", "access_key_secret": "s"})
    assert keys.now == (SANDBOX_CREDENTIALS,)
