"""The fast floor's DynamoDB as a process."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.errors import BenchmarkError
from sandbox.localstack.ports import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Generator

_PROJECT: Final = Path(__file__).resolve().parents[2]
_STOP_SECONDS: Final = 30.0


@contextmanager
def running_tables() -> Generator[str]:
    """Run an empty one for the length of a block; yields its URL. It ends with this process, however that ends.

    Raises:
        BenchmarkError: it did not start.
    """
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "benchmarks.floor.dynamodb.server"],
        env={"PYTHONPATH": str(_PROJECT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - were asked for
    with process:
        try:
            port = process.stdout.readline().strip()
            if not port:
                raise BenchmarkError("the stand-in for DynamoDB did not start")
            yield f"http://{LOOPBACK}:{port}"
        finally:
            process.stdin.close()
            process.kill()
