"""Every number that shapes how lanes behave, with the argument for its default. Times are in seconds."""

from __future__ import annotations

from msgspec import Struct


class Windows(Struct, frozen=True, kw_only=True):
    """How long one kind of record serves; each window begins where the one before ends.

    Attributes:
        fresh: Answers, and nothing more happens.
        stale: Answers at once, and a refresh is queued.
        kept: Answers only when the provider cannot be asked in time or fails.
    """

    fresh: float
    stale: float
    kept: float


class FreshnessPolicy(Struct, frozen=True, kw_only=True):
    """How long records serve, by what they say.

    Attributes:
        moving: Queued or running work. One second is what a progress bar can show; beyond ten seconds of
            nobody looking, waiting for news beats showing old ones. Stretched when the quota cannot keep up.
        finished: A task or job that is over never changes, but links to its outputs may be pre-signed and
            run out, typically after an hour.
        resting: A video whose newest task is over, or that has none: its next task may start any moment.
        listing: A page of tasks: new ones appear, and moving ones on it move.
        absent: The provider knows no such thing: most such ids are wrong for good, some were only just
            made, so the memory is short and never served stale while another look is possible.
        settled: For this long an answer that has ended work move again is not believed. A call may have set
            out before the end that a notification told, and providers answer from copies that lag; after
            that the provider is right, and a notification that was wrong is forgotten.
    """

    moving: Windows = Windows(fresh=1.0, stale=10.0, kept=300.0)
    finished: Windows = Windows(fresh=600.0, stale=1800.0, kept=86_400.0)
    resting: Windows = Windows(fresh=30.0, stale=600.0, kept=86_400.0)
    listing: Windows = Windows(fresh=3.0, stale=10.0, kept=300.0)
    absent: Windows = Windows(fresh=10.0, stale=0.0, kept=60.0)
    settled: float = 10.0


class RefreshPolicy(Struct, frozen=True, kw_only=True):
    """How far ahead of its askers a lane runs.

    Attributes:
        share: Part of the quota that calls may use for which nobody waits, 0 to 1. All of it by default: a
            waiting caller goes first at every slot, so refreshing costs it at most one spacing. At 0
            refreshes only ride along on calls that go out anyway.
        hot_for: A key is hot this long after it was last asked for. Browsers poll every two seconds; two
            polls may get lost before a key counts as left.
        ahead: Part of its fresh window after which a hot moving key is due, 0 to 1. At one half, a hundred
            hot ids keep fourteen calls a second full, and ten ids use two of them.
        called_up: Whatever the provider sends a notification about is looked at in the next call if it was
            asked for this lately: longer than the pause between two looks at something that hardly moves.
    """

    share: float = 1.0
    hot_for: float = 5.0
    ahead: float = 0.5
    called_up: float = 60.0


class QuotaPolicy(Struct, frozen=True, kw_only=True):
    """How much of a provider's documented quota is used, and how.

    Attributes:
        share: Part of the account's quota that belongs to this gateway, 0 to 1.
        burst: Calls that may go out at once after a pause. Providers count in windows nobody documents, so
            rate plus burst must stay within the limit in every sliding second: with one, calls are evenly
            spaced and the rate is only one call per second short of the limit.
        replicas: How many gateways share the account at most; each keeps to its part while the shared quota
            is away.
        back_off: The rate is multiplied by this when a provider throttles all the same.
        recover: Seconds from nothing back to the full rate.
        longest_hold: Seconds for which a provider that throttles may have us wait at most; a slip of its own
            clock is not to silence a lane for a day.
    """

    share: float = 1.0
    burst: int = 1
    replicas: int = 1
    back_off: float = 0.7
    recover: float = 10.0
    longest_hold: float = 60.0


class QueuePolicy(Struct, frozen=True, kw_only=True):
    """Who may wait, and for how long.

    Attributes:
        patience: Deadline of a request that brings none.
        longest: Keys that may wait in one lane. At 140 keys a second this is more than a minute of work,
            which no deadline allows: the bound is for memory, deadlines shed much earlier.
        call_timeout: A call is given up after this. With spaced calls it also bounds how many are open.
    """

    patience: float = 10.0
    longest: int = 10_000
    call_timeout: float = 10.0


class MemoryPolicy(Struct, frozen=True, kw_only=True):
    """Bounds of the in-process cache, over all lanes together.

    Attributes:
        entries: Records at most.
        bytes: Estimated size of all records at most.
    """

    entries: int = 100_000
    bytes: int = 256 * 1024 * 1024


class CircuitPolicy(Struct, frozen=True, kw_only=True):
    """When a provider operation is left alone.

    Attributes:
        window: Failures are counted over this many seconds.
        volume: Calls within the window before a ratio means anything.
        ratio: Part of failed calls that opens the circuit.
        cool_down: Seconds between opening and the probe, and from probe to probe.
        measure_only: Count and report, but refuse nothing.
    """

    window: float = 10.0
    volume: int = 10
    ratio: float = 0.5
    cool_down: float = 5.0
    measure_only: bool = False


class RetryPolicy(Struct, frozen=True, kw_only=True):
    """How often a failed call is made again.

    Attributes:
        tries: Calls per key at most, the first included.
        budget: Retries as a part of calls. A count per request multiplies the load on a provider that is
            down; a part of all calls cannot.
        reserve: Retries allowed before calls have earned any, and the most that can be saved up.
    """

    tries: int = 3
    budget: float = 0.1
    reserve: float = 10.0


class StorePolicy(Struct, frozen=True, kw_only=True):
    """How the second level, shared by replicas, is used.

    Attributes:
        timeout: For any answer. A healthy server takes a millisecond, a provider some fifty; half of this
            is left for hiccups of this process, which are not the server's fault.
        rest: Seconds between two looks for a store that stays away; the first ones come sooner.
        lease: Seconds for which a key being fetched is left to the replica that fetches it.
        longest: Seconds a record stays in the store at most.
    """

    timeout: float = 0.1
    rest: float = 1.0
    lease: float = 1.0
    longest: float = 3600.0


class Policy(Struct, frozen=True, kw_only=True):
    """All of it."""

    freshness: FreshnessPolicy = FreshnessPolicy()
    refresh: RefreshPolicy = RefreshPolicy()
    quota: QuotaPolicy = QuotaPolicy()
    queue: QueuePolicy = QueuePolicy()
    memory: MemoryPolicy = MemoryPolicy()
    circuit: CircuitPolicy = CircuitPolicy()
    retry: RetryPolicy = RetryPolicy()
    store: StorePolicy = StorePolicy()
