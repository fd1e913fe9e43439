"""The on-premises consumer beside a client that promises nothing: a mailbox of bundles into a folder of files.

The peer does what `aws s3 cp` and `tar xz` do: it gets each object and unpacks it. It checks no hash, waits for no
disk, keeps no ledger, shows files half written and deletes nothing. Both work on the same store, and
on a folder on the disk of the temporary folder, TMPDIR.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

from baler.files.bundle.ids import bundle_key, new_bundle_id
from baler.files.bundle.manifest import META_SHA256
from baler.files.bundle.writer import BundleWriter
from baler.files.landed_file import LandedFile
from benchmarks.content import json_lines
from benchmarks.contestant import running
from benchmarks.spread import Spread, in_turns
from benchmarks.stage import CONSUMED

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.contestant import Contestant, Taken
    from benchmarks.stage import Stage

OURS: Final = "baler consume"
PEER: Final = "get and unpack, without any promise"

BUNDLES: Final = 40
FILES: Final = 100
FILE_BYTES: Final = 2000

DAY_FILES: Final = 864_000
"""A day of 10 files/s."""


@dataclass(frozen=True)
class Received:
    """What a contestant took.

    Attributes:
        rate: files a second.
        cpu: milliseconds of processor time a file, of its own process.
    """

    rate: Spread
    cpu: Spread

    @property
    def day_minutes(self) -> float:
        """How long it would take for a day of 10 files/s, at this rate."""
        return DAY_FILES / self.rate.median / 60


def measure(stage: Stage, logs: Path, rounds: int) -> dict[str, Received]:
    """Let both empty the same mailbox in turns; returns by name."""
    bundles = dict(_bundle(number) for number in range(BUNDLES))
    with (
        tempfile.TemporaryDirectory(prefix="baler-consumer-") as folder,
        running("consumer_ours", stage.endpoints, logs) as ours,
        running("consumer_plain", stage.endpoints, logs) as plain,
    ):
        numbers = count()

        def take_all(contestant: Contestant) -> Callable[[], Taken]:
            def run() -> Taken:
                for key, body in bundles.items():
                    metadata = {META_SHA256: hashlib.sha256(body).hexdigest()}
                    stage.s3.put_object(Bucket=CONSUMED, Key=key, Body=body, Metadata=metadata)
                into = Path(folder) / str(next(numbers)) / "received"
                return contestant.do(BUNDLES * FILES, mailbox=CONSUMED, into=str(into))

            return run

        contestants = {OURS: take_all(ours), PEER: take_all(plain)}
        for warm_up in contestants.values():
            warm_up()
        return {name: _received(taken) for name, taken in in_turns(contestants, rounds).items()}


def _received(samples: list[Taken]) -> Received:
    files = BUNDLES * FILES
    return Received(
        Spread(tuple(files / taken.seconds for taken in samples)),
        Spread(tuple(taken.cpu_seconds * 1000 / files for taken in samples)),
    )


def _bundle(number: int) -> tuple[str, bytes]:
    """Return the key of a bundle and its bytes."""
    landed_at = datetime(2026, 11, 20, 9, 0, number, tzinfo=UTC)
    bundle_id = new_bundle_id(landed_at.timestamp(), number.to_bytes(8, "big"))
    with BundleWriter(bundle_id, landed_at.timestamp(), 1_000_000) as writer:
        for position in range(FILES):
            content = json_lines(FILE_BYTES, number * FILES + position)
            key = f"site-{position % 10}/2026-11-20/{number:03d}-{position:03d}.jsonl"
            file = LandedFile("landing", key, f"v{position}", "etag", len(content), landed_at)
            writer.add(file, io.BytesIO(content), len(content), hashlib.sha256(content).hexdigest())
        bundle = writer.finish()
        bundle.body.seek(0)
        return bundle_key(bundle_id), bundle.body.read()
