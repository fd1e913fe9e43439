"""Samples of what processes use: taken of real ones, written line by line, read again."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from loadtest.sampler import ProcessSampler, sampling
from loadtest.samples import FUNCTION, Sample, Use, read_samples

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

PROBE = "function probe"
SAMPLE = Sample(1000.5, 10.0, 5.0, 2, 4096, {PROBE: Use(1, 0.25, 8192, 5)})


@pytest.fixture
def probe() -> Generator[subprocess.Popen[bytes]]:
    """A process as the sandbox starts one for a function."""
    environment = {**os.environ, "AWS_LAMBDA_FUNCTION_NAME": PROBE.removeprefix(FUNCTION)}
    # Linux counts processor time in hundredths of a second.
    works = "import time\nwhile time.process_time() < 0.05: pass\nprint(flush=True); input()"
    command = [sys.executable, "-c", works]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def test_a_functions_process_is_known_by_its_name(probe: subprocess.Popen[bytes]) -> None:
    assert probe.poll() is None
    use = ProcessSampler().sample().uses[PROBE]
    assert use.processes == 1
    assert use.memory_bytes > 1_000_000
    assert use.descriptors >= 3


def test_the_processor_time_of_a_process_that_has_ended_stays_counted(probe: subprocess.Popen[bytes]) -> None:
    sampler = ProcessSampler()
    before = sampler.sample().uses[PROBE]
    probe.kill()
    probe.wait()
    after = sampler.sample().uses[PROBE]
    assert (after.processes, after.memory_bytes) == (0, 0)
    assert after.cpu_seconds >= before.cpu_seconds > 0


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_text(SAMPLE.line() * 2)
    assert read_samples(path) == [SAMPLE, SAMPLE]


def test_a_line_that_a_crash_cut_off_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_text(SAMPLE.line() + SAMPLE.line()[:40])
    assert read_samples(path) == [SAMPLE]
    assert read_samples(tmp_path / "none") == []


def test_each_sample_is_in_the_file_while_the_run_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    with sampling(path, seconds=1.0):
        deadline = time.monotonic() + 60
        while not (seen := read_samples(path)):
            assert time.monotonic() < deadline, "no sample in a minute"
            time.sleep(0.01)
    assert seen[0].cores >= 1
    assert seen[0].busy_seconds > 0
