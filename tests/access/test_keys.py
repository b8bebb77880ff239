"""API keys."""

from __future__ import annotations

import hmac

import pytest

from gateway.access import keys
from gateway.access.errors import Invalid
from gateway.access.scopes import Scope


def test_a_key_is_known_by_its_hash_alone() -> None:
    """What the configuration holds lets its owner in and tells nobody the key."""
    made = keys.generate()
    entry = keys.entry("ci", made, ["provider:vod", "urls"])
    assert made not in entry
    principal = keys.Keys(keys.parse(entry)).principal(made)
    assert principal.name == "key:ci"
    assert principal.scopes == {Scope.VOD, Scope.URLS}
    assert made not in repr(principal)


def test_keys_are_long_and_differ() -> None:
    """A key cannot be guessed, and can be found in a repository by its beginning."""
    made = {keys.generate() for _ in range(50)}
    assert len(made) == 50
    assert all(key.startswith("gw_") and len(key) >= 46 for key in made)


def test_all_keys_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every known key is compared to the end, whichever it is."""
    made = [keys.generate() for _ in range(3)]
    accepted = keys.Keys(keys.parse(";".join(keys.entry(f"k{n}", key, []) for n, key in enumerate(made))))
    compared: list[str] = []
    original = hmac.compare_digest

    def compare(known: str, presented: str) -> bool:
        compared.append(known)
        return original(known, presented)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    assert accepted.principal(made[0]).name == "key:k0"
    with pytest.raises(Invalid):
        accepted.principal("gw_wrong")
    assert len(compared) == 6


@pytest.mark.parametrize(
    "text",
    [
        "s3cret",
        "ci:abc:all",
        f"ci:{'0' * 64}:nonsense",
        f"ci:{'0' * 64}",
        f"c i:{'0' * 64}:all",
        f"a:{'0' * 64}:all;a:{'1' * 64}:all",
    ],
)
def test_a_wrong_configuration_is_refused_without_quoting_it(text: str) -> None:
    """Somebody may have put the key where its hash belongs."""
    with pytest.raises(ValueError, match="entr") as caught:
        keys.parse(text)
    assert "s3cret" not in str(caught.value)


def test_spaces_and_a_final_semicolon_do_no_harm() -> None:
    """Entries may stand on lines of their own."""
    text = f" a:{'0' * 64}:all ;\n b:{'1' * 64}:urls;\n"
    assert [key.principal.name for key in keys.parse(text)] == ["key:a", "key:b"]
