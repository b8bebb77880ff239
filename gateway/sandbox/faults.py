"""Faults that can be switched on: how a provider's bad day looks from outside.

A rule says which calls it strikes and what it does to them. Rules strike calls that pass the door - signed
well and within the quota - so a spoilt call still takes its slot, as it would at the provider. Delays and
skews add up; of the rules that replace the answer only the first that strikes acts.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from random import Random

import msgspec

from gateway.sandbox.rules import AnyRule, ClockSkew, Latency, Poison


class BadRuleError(ValueError):
    """A rule that cannot be understood; the message says why."""


@dataclass(slots=True)
class Standing:
    """A rule in force."""

    rule: AnyRule
    fired: int = 0

    def strikes(self, provider: str, operation: str, ids: Collection[str], chance: Random) -> bool:
        """Decide whether the rule acts on this call, and remember that it did."""
        rule = self.rule
        if rule.count is not None and self.fired >= rule.count:
            return False
        if rule.provider is not None and rule.provider.upper() != provider:
            return False
        if rule.operation is not None and rule.operation != operation:
            return False
        if isinstance(rule, Poison) and set(rule.ids).isdisjoint(ids):
            return False
        if chance.random() >= rule.probability:
            return False
        self.fired += 1
        return True


class Faults:
    """The rules in force, and how often each has fired."""

    def __init__(self, seed: int, operations: Collection[str]) -> None:
        """Know the operations there are, so that a rule for none of them is an error and not a silent no."""
        self._seed, self._operations = seed, operations
        self._standing: list[Standing] = []
        self._chance = Random(seed)  # noqa: S311 - repeatable on purpose

    def read(self, body: bytes) -> list[AnyRule]:
        """Read one rule or a list of them.

        Raises:
            BadRuleError: If the JSON, a kind or a parameter is wrong.
        """
        try:
            value = msgspec.json.decode(body)
            rules = msgspec.convert(value if isinstance(value, list) else [value], list[AnyRule])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadRuleError(str(error)) from None
        for rule in rules:
            if rule.operation is not None and rule.operation not in self._operations:
                known = ", ".join(sorted(self._operations))
                raise BadRuleError(f"Unknown operation {rule.operation!r}; known: {known}")
        return rules

    def read_header(self, text: str) -> list[AnyRule]:
        """Read the header of a request: rules as above, just the name of a kind, or nothing."""
        text = text.strip()
        if not text:
            return []
        return self.read(text.encode() if text[0] in "{[" else msgspec.json.encode({"kind": text}))

    def replace(self, rules: Iterable[AnyRule]) -> None:
        """Put these rules in force and drop the others."""
        self._standing = [Standing(rule) for rule in rules]

    def reset(self) -> None:
        """Drop every rule and start chance anew."""
        self.replace(())
        self._chance.seed(self._seed)

    def report(self) -> list[dict[str, object]]:
        """Tell the rules and how often each fired."""
        return [{**msgspec.to_builtins(one.rule), "fired": one.fired} for one in self._standing]

    def skew(self, provider: str, operation: str, once: Iterable[AnyRule]) -> float:
        """Say by how many seconds the provider's clock is off for this call."""
        return sum(
            one.rule.seconds
            for one in self._meant(once)
            if isinstance(one.rule, ClockSkew) and one.strikes(provider, operation, (), self._chance)
        )

    def delay(self, provider: str, operation: str, once: Iterable[AnyRule]) -> float:
        """Say how many seconds the answer is held back."""
        return sum(
            max(0.0, one.rule.ms + self._chance.uniform(-one.rule.jitter, one.rule.jitter)) / 1000
            for one in self._meant(once)
            if isinstance(one.rule, Latency) and one.strikes(provider, operation, (), self._chance)
        )

    def spoiler(
        self, provider: str, operation: str, ids: Collection[str], once: Iterable[AnyRule]
    ) -> AnyRule | None:
        """Find the first rule that spoils this call's answer."""
        for one in self._meant(once):
            if not isinstance(one.rule, Latency | ClockSkew) and one.strikes(
                provider, operation, ids, self._chance
            ):
                return one.rule
        return None

    def _meant(self, once: Iterable[AnyRule]) -> list[Standing]:
        """List the rules to consider: the request's own, then those in force."""
        return [*map(Standing, once), *self._standing]
