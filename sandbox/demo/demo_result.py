"""Was every file bundled once, delivered once, byte for byte, and in time?"""

from __future__ import annotations

import hashlib
import math
import os
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baler.files.objectives import NEARLY_ALL_SECONDS, TYPICAL_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.demo.archive import InspectedBundle
    from sandbox.demo.recipient import Arrivals
    from sandbox.demo.upload import Uploaded
    from sandbox.faults import MadeFaults


@dataclass(frozen=True)
class DemoResult:
    """What the demo found. Lists name keys.

    Attributes:
        files, bytes_in, bundles, bytes_out: what was sent, and what became of it.
        latencies: seconds from the upload's end to where it is measured to, at most, by file, sorted. S3 keeps whole
            seconds of when an object was put in the mailbox, so each is then rounded up to the next.
        unarchived: of which a version landed that is in no archived bundle.
        bundled_twice: of which a version is in two archived bundles, or twice in one.
        unreceived: sent, and not in the recipient's folder.
        changed: there, with other bytes.
        unexpected: in the recipient's folder, and never sent.
        broken_bundles: archived with a hash that is not theirs.
        quarantined: bundles that the recipient did not trust.
        repeated: bundles that the recipient has twice.
        unacknowledged: archived bundles of which the courier has no receipt.
        measured_to: "mailbox" or "receipt".
        report: what else belongs into the summary: the outage, and what the breaker became.
        landed_again: versions that landed beside those that were sent: puts whose answer was lost, and that were made
            again.
        faults: what was done to the stack meanwhile; None where nothing was to be.
    """

    files: int
    bytes_in: int
    bundles: int
    bytes_out: int
    latencies: list[float]
    unarchived: list[str] = field(default_factory=list[str])
    bundled_twice: list[str] = field(default_factory=list[str])
    unreceived: list[str] = field(default_factory=list[str])
    changed: list[str] = field(default_factory=list[str])
    unexpected: list[str] = field(default_factory=list[str])
    broken_bundles: list[str] = field(default_factory=list[str])
    quarantined: list[str] = field(default_factory=list[str])
    repeated: list[str] = field(default_factory=list[str])
    unacknowledged: list[str] = field(default_factory=list[str])
    measured_to: str = "mailbox"
    report: Mapping[str, Any] = field(default_factory=dict[str, Any])
    landed_again: int = 0
    faults: MadeFaults | None = None

    @property
    def exact(self) -> bool:
        """Every file came back byte-identical exactly once."""
        return not any(
            (
                self.unarchived,
                self.bundled_twice,
                self.unreceived,
                self.changed,
                self.unexpected,
                self.broken_bundles,
                self.quarantined,
                self.repeated,
                self.unacknowledged,
            )
        )

    @property
    def lost(self) -> int:
        """How many files are missing or not themselves, in the archive or at the recipient."""
        return len({*self.unarchived, *self.unreceived, *self.changed})

    @property
    def duplicated(self) -> int:
        """How many files came more than once, in the archive or at the recipient, or bundles there."""
        return len(self.bundled_twice) + len(self.unexpected) + len(self.repeated)

    @property
    def in_time(self) -> bool:
        """The latencies meet the objective (PULL-NFR-02)."""
        return not self.latencies or (
            self.percentile(95) < TYPICAL_SECONDS and self.percentile(99.9) < NEARLY_ALL_SECONDS
        )

    def percentile(self, share: float) -> float:
        """Return the latency, in seconds, that `share` percent of the files do not exceed (nearest rank)."""
        return self.latencies[max(0, math.ceil(len(self.latencies) * share / 100) - 1)]

    def to_json(self) -> dict[str, Any]:
        """Return it as a document for programs, percentiles in place of every latency."""
        document = asdict(self)
        del document["latencies"], document["report"], document["faults"]
        percentiles = {f"p{share:g}": self.percentile(share) for share in (50, 95, 99.9)} if self.latencies else {}
        return {
            **document,
            **self.report,
            "lost": self.lost,
            "duplicated": self.duplicated,
            "exact": self.exact,
            "in_time": self.in_time,
            "latency_seconds": percentiles,
            "faults": self.faults and self.faults.to_json(),
        }


def judge(  # noqa: PLR0913, PLR0917 - all that is to be compared
    uploads: Sequence[Uploaded],
    landed: Sequence[tuple[str, str]],
    bundles: Sequence[InspectedBundle],
    received: Path,
    arrivals: Arrivals,
    faults: MadeFaults | None = None,
) -> DemoResult:
    """Hold what arrived against what was sent.

    Args:
        uploads: what was sent.
        landed: key and version of each file in the landing bucket.
        bundles: what is in the archive.
        received: the recipient's folder.
        arrivals: what is known of the bundles that arrived.
        faults: what was done to the stack.
    """
    sent = {upload.file.key: upload for upload in uploads}
    archived = Counter((file.key, file.version_id) for bundle in bundles for file in bundle.manifest.files)
    there = {(upload.file.key, upload.version_id) for upload in uploads} | {*landed}
    arrived = _tree(received)
    return DemoResult(
        files=len(sent),
        bytes_in=sum(upload.file.size for upload in uploads),
        bundles=len(bundles),
        bytes_out=sum(bundle.size for bundle in bundles),
        latencies=_latencies(sent, bundles, arrivals.times),
        unarchived=sorted({key for key, _ in there - archived.keys()}),
        bundled_twice=sorted({key for (key, _), times in archived.items() if times > 1}),
        unreceived=sorted(sent.keys() - arrived.keys()),
        changed=sorted(key for key, digest in arrived.items() if key in sent and sent[key].file.sha256 != digest),
        unexpected=sorted(arrived.keys() - sent.keys()),
        broken_bundles=sorted(bundle.key for bundle in bundles if not bundle.intact),
        quarantined=sorted(arrivals.quarantined),
        repeated=sorted(arrivals.repeated),
        unacknowledged=sorted(
            bundle.key for bundle in bundles if arrivals.unacknowledged and bundle.key not in arrivals.times
        ),
        measured_to=arrivals.measured_to,
        report=arrivals.report,
        landed_again=len(there) - len(uploads),
        faults=faults,
    )


def _tree(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below a folder, by its path."""
    found: dict[str, str] = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            with path.open("rb") as stream:
                found[path.relative_to(folder).as_posix()] = hashlib.file_digest(stream, "sha256").hexdigest()
    return found


def _latencies(
    sent: Mapping[str, Uploaded], bundles: Sequence[InspectedBundle], times: Mapping[str, float]
) -> list[float]:
    return sorted(
        times[bundle.key] - sent[file.key].at
        for bundle in bundles
        if bundle.key in times
        for file in bundle.manifest.files
        if file.key in sent
    )
