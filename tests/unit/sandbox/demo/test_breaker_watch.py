from __future__ import annotations

from dataclasses import replace

import pytest

from baler.files.courier.answer import Answer, Meaning
from baler.files.courier.breaker import Breaker, BreakerLimits
from sandbox.demo.breaker_watch import BreakerWatch

LIMITS = BreakerLimits(failures_to_open=1, probe_interval_seconds=5)
REFUSED = Answer(Meaning.UNREACHABLE, "connection-refused")


def test_it_tells_that_the_breaker_opened_each_probe_that_failed_and_that_it_closed() -> None:
    told: list[str] = []
    watch = BreakerWatch(lambda change: told.append(str(change)))
    closed = Breaker()
    opened = closed.after(REFUSED, "bundle", 100.0, LIMITS)
    probing = opened.probing("bundle", 105.0, LIMITS)
    reopened = probing.after(REFUSED, "bundle", 105.1, LIMITS)
    for at, state in enumerate(
        [closed, opened, opened, probing, reopened, reopened, reopened.probing("bundle", 110, LIMITS)]
    ):
        watch.see(state, float(at))
    watch.see(closed, 12.0)
    assert told == [
        "The breaker is open (unreachable: connection-refused): bundles wait.",
        "Probe 1 failed (connection-refused): the breaker stays open.",
        "The breaker is closed after 11 s and 2 probes.",
    ]
    assert [change.phase for change in watch.changes] == ["open", "open", "closed"]


def test_a_breaker_that_never_opens_has_nothing_to_tell() -> None:
    watch = BreakerWatch(lambda change: pytest.fail(str(change)))
    watch.see(Breaker(), 0.0)
    watch.see(replace(Breaker(), failures=1), 1.0)
    assert watch.changes == []
