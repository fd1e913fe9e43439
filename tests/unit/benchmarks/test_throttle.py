"""A process that is held to a share of a processor has that share, and goes on afterwards."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from harness.consumer import wait_until

from benchmarks.power import MEGABYTES, share_of, usd_of
from benchmarks.throttle import throttled, used_seconds

BUSY = "while True: pass"


@pytest.mark.requirement("PUSH-LOAD-04")
def test_a_process_gets_its_share_and_no_more() -> None:
    with subprocess.Popen([sys.executable, "-c", BUSY]) as process:
        try:
            with throttled(process.pid, 0.25):
                start, before = time.monotonic(), used_seconds(process.pid)

                def share() -> float:
                    return (used_seconds(process.pid) - before) / (time.monotonic() - start)

                # What it had too much while the governor had no processor itself, it owes.
                wait_until(lambda: time.monotonic() - start > 0.5 and 0 < share() < 0.35, "it has a quarter")
            held = used_seconds(process.pid)
            wait_until(lambda: used_seconds(process.pid) > held + 0.05, "it runs again")
        finally:
            process.kill()


def test_a_process_that_ended_has_used_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    assert used_seconds(process.pid) == 0


@pytest.mark.requirement("PUSH-LOAD-04")
def test_memory_is_tuned_by_the_share_of_a_processor_and_the_price() -> None:
    assert share_of(1769) == share_of(3008) == 1
    assert share_of(512) == pytest.approx(512 / 1769)
    assert {256, 512} < set(MEGABYTES)
    # One GB-second on Arm costs $0.0000133334 (baler/prices.toml).
    assert usd_of(1.0, 1024) == pytest.approx(13.3334)
    assert usd_of(0.5, 512) == pytest.approx(13.3334 / 4)
