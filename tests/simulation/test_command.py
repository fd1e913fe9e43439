"""`python -m simulation`, as people and CI call it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from harness.pipeline import wait_until

TESTS = Path(__file__).parents[1]
LINE = re.compile(
    r"(?P<schedules>\d+) schedules, \d+ steps, \d+ crashes injected, lost (?P<lost>\d+), "
    r"duplicated (?P<duplicated>\d+), damaged 0, misjudged 0, flooded 0, stuck 0 \(\d+ schedules/s\)"
)


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start the command in a session of its own; whatever becomes of the test, nothing of it is left running."""
    with ExitStack() as started:

        def start(*arguments: str) -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [sys.executable, "-m", "simulation", *arguments],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
                cwd=TESTS.parent,
                env={**os.environ, "PYTHONPATH": str(TESTS)},
            )
            started.enter_context(process)
            started.callback(_end_group, process)
            return process

        yield start


def _end_group(process: subprocess.Popen[str]) -> None:
    # Its workers may outlive it.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def test_a_campaign_ends_with_one_line(start: Start) -> None:
    process = start("--schedules", "150")
    out, err = process.communicate()
    line = LINE.fullmatch(out.strip())
    assert line is not None, out + err
    assert line.groups() == ("150", "0", "0")
    assert process.returncode == 0


def test_the_event_stream_is_looked_through_too(start: Start) -> None:
    process = start("--pipeline", "events", "--schedules", "60")
    out, err = process.communicate()
    line = LINE.fullmatch(out.strip())
    assert line is not None, out + err
    assert line.groups() == ("60", "0", "0")
    assert process.returncode == 0


def test_a_seed_of_the_event_stream_is_replayed_with_all_that_happened(start: Start) -> None:
    process = start("--pipeline", "events", "--seed", "7")
    out, err = process.communicate()
    assert out.startswith("seed 7: all invariants hold\n"), err
    assert "transformer-1  transforms.receive" in out


def test_a_campaign_that_finds_something_shows_it_and_fails(start: Start) -> None:
    process = start("--schedules", "50", "--broken", "without-lease")
    out, err = process.communicate()
    shown, last = out.rstrip().rpartition("\n")[::2]
    line = LINE.fullmatch(last)
    assert line is not None, out + err
    assert int(line["lost"]) > 0
    assert len(re.findall(r"(?m)^seed \d+: lost: ", shown)) == min(3, int(line["lost"]))
    assert process.returncode == 1


def test_ctrl_c_ends_a_campaign_with_the_line_of_what_was_done(start: Start) -> None:
    process = start("--schedules", "1000000")
    wait_until("its workers", lambda: workers(process.pid), lambda found: len(found) >= 2)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    line = LINE.fullmatch(out.strip())
    assert line is not None, out + err
    assert int(line["schedules"]) < 1_000_000
    assert process.returncode == 130
    assert err == ""


def workers(pid: int) -> list[str]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [child for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def test_a_seed_is_replayed_with_all_that_happened(start: Start) -> None:
    process = start("--seed", "7")
    out, err = process.communicate()
    assert out.startswith("seed 7: all invariants hold\n"), err
    assert "aggregator-1  queue.receive" in out
    assert process.returncode == 0


def test_a_broken_protocol_that_there_is_not_is_refused_by_name(start: Start) -> None:
    process = start("--broken", "wrong")
    _, err = process.communicate()
    assert "without-lease" in err
    assert process.returncode == 2
