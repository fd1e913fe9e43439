"""Many calls at once: in order, and no longer than anybody waits for them."""

from __future__ import annotations

import signal
import subprocess
import sys
from threading import Barrier

import pytest

from baler.cli.s3 import CONNECTIONS
from baler.files.archive.parallel import concurrently

SILENT = """
import os
import sys
from contextlib import closing
from threading import Event
from baler.cli.shutdown import Shutdown, Stopping
from baler.files.archive.parallel import concurrently

def call(item):
    os.write(1, b"calls\\n")  # in one piece: other threads write as well
    Event().wait()

try:
    with Shutdown(), closing(concurrently(call, range(100))) as found:
        list(found)
except Stopping:
    sys.exit(7)
"""


def test_answers_come_in_the_order_of_the_items_from_calls_that_are_made_at_once() -> None:
    together = Barrier(CONNECTIONS)

    def call(item: int) -> int:
        together.wait(timeout=60)
        return item

    assert list(concurrently(call, range(3 * CONNECTIONS))) == list(range(3 * CONNECTIONS))


def test_an_error_is_raised_where_its_answer_is_due_and_ends_the_calls() -> None:
    made: list[int] = []

    def call(item: int) -> int:
        made.append(item)
        return 1 // (item - 2)

    found = concurrently(call, range(1000))
    assert [next(found), next(found)] == [-1, -1]
    with pytest.raises(ZeroDivisionError):
        next(found)
    assert len(made) <= 3 * CONNECTIONS


def test_a_signal_ends_it_while_calls_are_silent() -> None:
    with subprocess.Popen([sys.executable, "-c", SILENT], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "calls\n"
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=120)  # the calls are silent for longer
        finally:
            process.kill()
    assert process.returncode == 7
