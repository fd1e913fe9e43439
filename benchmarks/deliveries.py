"""Deliveries over loopback TLS: bundles of three sizes, one after the other, into a sink that drops what it gets.

The sink is the same for all, and so is the file that they read. What it costs to get a bundle from the mailbox is not
in it; ours checks no hash here either (the mailbox's adapter does, while it reads).
"""

from __future__ import annotations

import subprocess
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from benchmarks.content import json_lines
from benchmarks.contestant import OURS as OUR_PYTHON
from benchmarks.contestant import PEERS, PROJECT, Contestant, Taken, running
from benchmarks.errors import BenchmarkError
from benchmarks.floor.endpoints import Endpoints
from benchmarks.spread import Spread, in_turns
from sandbox.receivers.certificates import Authority

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

TIMES: Final = {20_000: 200, 1_000_000: 50, 100_000_000: 3}
"""How often a bundle of so many bytes is sent in a round."""

LARGE: Final = 100_000_000
SMALL: Final = 1_000_000

HTTP: Final = "ours, http"
PYCURL: Final = "pycurl"
S3: Final = "ours, s3"
BOTO3: Final = "boto3 upload_fileobj"
PEER_OF: Final = {HTTP: PYCURL, PYCURL: PYCURL, S3: BOTO3, BOTO3: BOTO3}

_WORKERS: Final = {
    HTTP: ("courier_http", OUR_PYTHON),
    PYCURL: ("pycurl_peer", PEERS),
    S3: ("courier_s3", OUR_PYTHON),
    BOTO3: ("boto3_peer", PEERS),
}


@dataclass(frozen=True)
class Delivered:
    """How one contestant did with bundles of one size.

    Attributes:
        rate: bundles per second.
        cpu: milliseconds of its own process per bundle.
        peak: most bytes that were resident in its process up to then; sizes come in ascending order.
    """

    rate: Spread
    cpu: Spread
    peak: int


@dataclass(frozen=True)
class SinkAddress:
    """Where the sink listens.

    Attributes:
        port: of loopback.
        authority: the file of who signed its certificate.
    """

    port: int
    authority: Path


def measure(folder: Path, logs: Path, rounds: int) -> dict[int, dict[str, Delivered]]:
    """Let every contestant send the same bundles, in turns; returns by size, then by name.

    Args:
        folder: for the bundles and the certificates.
        logs: folder for what the contestants print.
        rounds: how often each.
    """
    with ExitStack() as stack:
        sink = stack.enter_context(running_sink(folder))
        contestants = {
            name: stack.enter_context(running(worker, Endpoints.of_one("https://localhost"), logs, python=python))
            for name, (worker, python) in _WORKERS.items()
        }
        return {size: _of_size(contestants, sink, bundle(folder, size), size, rounds) for size in sorted(TIMES)}


def bundle(folder: Path, size: int) -> Path:
    """Write the file that is sent: what is in it makes no difference to who sends it."""
    path = folder / f"bundle-{size}"
    path.write_bytes(json_lines(size))
    return path


@contextmanager
def running_sink(folder: Path) -> Generator[SinkAddress]:
    """Run the sink for the length of a block.

    Raises:
        BenchmarkError: it did not start.
    """
    authority = Authority()
    issued = authority.server("localhost", ["127.0.0.1"])
    certificate, known = folder / "sink.pem", folder / "authority.pem"
    certificate.touch(mode=0o600)
    certificate.write_text(issued.certificate + issued.key, encoding="ascii")
    known.write_text(authority.pem, encoding="ascii")
    process = subprocess.Popen(  # noqa: S603 - our own program
        [str(OUR_PYTHON), "-P", "-m", "benchmarks.workers.sink", str(certificate)],
        env={"PYTHONPATH": str(PROJECT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None  # noqa: S101 - was asked for
            port = process.stdout.readline().strip()
            if not port:
                raise BenchmarkError("the sink did not start")
            yield SinkAddress(int(port), known)
        finally:
            process.kill()


def _of_size(
    contestants: dict[str, Contestant], sink: SinkAddress, path: Path, size: int, rounds: int
) -> dict[str, Delivered]:
    times = TIMES[size]
    work = {name: partial(send, contestant, sink, path, times) for name, contestant in contestants.items()}
    for contestant in contestants.values():
        send(contestant, sink, path, 1)
    taken = in_turns(work, rounds)
    return {name: _delivered(samples, times) for name, samples in taken.items()}


def send(contestant: Contestant, sink: SinkAddress, path: Path, times: int) -> Taken:
    """Let a contestant send a bundle so many times."""
    return contestant.do(times, path=str(path), times=times, port=sink.port, authority=str(sink.authority))


def _delivered(samples: Sequence[Taken], times: int) -> Delivered:
    return Delivered(
        rate=Spread(tuple(times / taken.seconds for taken in samples)),
        cpu=Spread(tuple(taken.cpu_seconds * 1000 / times for taken in samples)),
        peak=max(taken.peak_resident_bytes for taken in samples),
    )
