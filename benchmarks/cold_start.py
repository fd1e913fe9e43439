"""How long importing the handler takes in a process that has just started, and which modules take it."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from benchmarks.errors import BenchmarkError
from benchmarks.package import PYTHON, environment
from benchmarks.spread import Spread
from benchmarks.stage import REGION

if TYPE_CHECKING:
    from pathlib import Path

_NAMED: Final = 40
_PROGRAM: Final = (
    "import sys, time; sys.path.insert(0, sys.argv[1]); cpu, start = time.process_time(), time.perf_counter(); "
    "import runtime.files.aggregator.handler; print(time.perf_counter() - start, time.process_time() - cpu)"
)


@dataclass(frozen=True)
class ColdStart:
    """What importing costs.

    Attributes:
        seconds: of the import, in fresh processes.
        cpu_seconds: of them; where a busy machine makes `seconds` many, these stay what they are.
        package_bytes: size of the zip.
        modules: the slowest, with all that they import, in milliseconds, from one process of its own.
    """

    seconds: Spread
    cpu_seconds: Spread
    package_bytes: int
    modules: dict[str, float]


def measure(task: Path, package: Path, starts: int) -> ColdStart:
    """Import the handler in fresh processes.

    As on Lambda the package has no bytecode and gets none, and AWS's own libraries have theirs.

    Args:
        task: the unpacked package.
        package: its zip.
        starts: how many processes.
    """
    _run("-c", "import boto3; [boto3.client(name) for name in ('s3', 'sqs', 'dynamodb')]")
    _start(task)  # reads the files into the system's cache, as nothing measured here is about the disk
    told = [_start(task).stdout.split() for _ in range(starts)]
    seconds, cpu_seconds = (Spread(tuple(map(float, column))) for column in zip(*told, strict=True))
    return ColdStart(seconds, cpu_seconds, package.stat().st_size, slowest(_start(task, "-X", "importtime").stderr))


def _start(task: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return _run("-B", *options, "-c", _PROGRAM, str(task), task=task)


def _run(*arguments: str, task: Path | None = None) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": REGION, "AWS_REGION": REGION}
    variables |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    if task is not None:
        variables |= environment(task, "https://sqs.example/ingest", "claims")
    result = subprocess.run(  # noqa: S603 - our own words
        [str(PYTHON), "-I", *arguments], env=variables, capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        raise BenchmarkError(f"the handler could not be imported: {result.stderr.strip()[-300:]}")
    return result


def slowest(importtime: str) -> dict[str, float]:
    """Read what `-X importtime` prints: `import time: self [us] | cumulative | imported package`."""
    found: list[tuple[float, str]] = []
    for line in importtime.splitlines():
        _, _, columns = line.partition("import time:")
        fields = columns.split("|")
        if len(fields) == 3 and fields[1].strip().isdigit():  # noqa: PLR2004 - the three columns
            found.append((int(fields[1]) / 1000, fields[2].strip()))
    return {name: milliseconds for milliseconds, name in sorted(found, reverse=True)[:_NAMED]}
