"""The sample: which bundles are read, and the reading of one."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from baler.cli.s3 import S3GoneError
from baler.commands.verify.report import bundle_asleep, bundle_proven
from baler.files.archive.bucket import AsleepError, Availability, DamagedError, NotArchivedError
from baler.files.bundle.manifest import META_FILE_COUNT, META_SHA256
from baler.files.register.keys import day_of
from baler.files.register.verification import Fault, FaultKind
from baler.files.unpacking.unpack import BadBundleError, UnpackLimits, unpack

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.cli.report import Event
    from baler.files.archive.bucket import ArchiveBucket, ArchivedBundle, RestoreOptions
    from baler.files.register.page import BundleRow

_SHARE: Final = re.compile(r"(?P<number>\d{1,3}(\.\d+)?)\s*%")
# A damaged bundle shall not fill the disk.
_LIMITS: Final = UnpackLimits(bytes=16 * 1024**3, files=1_000_000)


def share_of(text: str) -> float:
    """Read a share as an option has it: "5%", "0.1%", "100%".

    Raises:
        ValueError: it is none.
    """
    match = _SHARE.fullmatch(text.strip())
    if match is None or float(match["number"]) > 100:  # noqa: PLR2004 - per cent
        raise ValueError(f"{text!r} is no share: it is a number from 0% to 100%.")
    return float(match["number"]) / 100


def in_sample(bundle_id: str, share: float, seed: str) -> bool:
    """Tell whether a bundle is in a sample: the same for the same seed, whatever else there is."""
    drawn = int.from_bytes(hashlib.sha256(f"{seed} {bundle_id}".encode()).digest()[:8], "big")
    return drawn < share * 2**64


@dataclass(frozen=True, slots=True)
class Sampled:
    """What became of a bundle of the sample.

    Attributes:
        event: to report.
        fault: what is wrong with it; None if nothing is.
        read: it was read.
        awaited: it is on its way back from Deep Archive.
    """

    event: Event | None
    fault: Fault | None = None
    read: bool = True
    awaited: bool = False


@dataclass(frozen=True, slots=True)
class SampleReader:
    """Reads bundles of the sample.

    Attributes:
        archive: where they are.
        restore: how Deep Archive is asked; None asks it for nothing.
        scratch: a folder with room for some bundles and what is in them.
        interruption_point: called between two pieces.
    """

    archive: ArchiveBucket
    restore: RestoreOptions | None
    scratch: Path
    interruption_point: Callable[[], None]

    def read(self, row: BundleRow) -> Sampled:
        """Read a bundle to its last byte, and every file in it; or ask Deep Archive for it.

        Raises:
            S3Error: S3 does not answer, or refuses.
        """
        try:
            bundle = self.archive.inspect(row.bundle_id)
        except NotArchivedError as error:
            return Sampled(None, _fault(row, FaultKind.REMOVED, str(error)))
        try:
            if (fault := _fault_of_metadata(row, bundle)) is not None:
                return Sampled(None, fault)
            if bundle.availability is not Availability.READABLE:
                if self.restore is not None and bundle.availability is Availability.ASLEEP:
                    self.archive.restore(bundle, self.restore)
                awaited = self.restore is not None
                return Sampled(bundle_asleep(bundle, requested=awaited), read=False, awaited=awaited)
            return self._read(row, bundle)
        except AsleepError:
            return Sampled(bundle_asleep(bundle, requested=False), read=False)
        except (DamagedError, BadBundleError, S3GoneError) as error:
            return Sampled(None, _fault(row, FaultKind.DAMAGED, str(error)))

    def _read(self, row: BundleRow, bundle: ArchivedBundle) -> Sampled:
        with TemporaryDirectory(dir=self.scratch) as folder:
            packed = Path(folder) / "bundle.tar.gz"
            with packed.open("wb") as target:
                self.archive.download(bundle, target, self.interruption_point)
            inside = unpack(packed, row.bundle_id, Path(folder) / "files", _LIMITS, self.interruption_point)
        try:
            beside = self.archive.manifest(row.bundle_id)
        except DamagedError as error:
            return Sampled(None, _fault(row, FaultKind.NO_MANIFEST, str(error)))
        if beside != inside:
            return Sampled(None, _fault(row, FaultKind.MANIFEST_EXCHANGED, "the manifest beside is not the one inside"))
        if row.files is not None and len(inside.files) != row.files:
            reason = f"it holds {len(inside.files)} files, the register says {row.files}"
            return Sampled(None, _fault(row, FaultKind.DAMAGED, reason))
        return Sampled(bundle_proven(bundle, len(inside.files)))


def _fault_of_metadata(row: BundleRow, bundle: ArchivedBundle) -> Fault | None:
    promised = bundle.metadata.get(META_SHA256)
    if row.sha256 is not None and promised != row.sha256:
        reason = f"its metadata promises SHA-256 {promised}, the register has {row.sha256}"
        return _fault(row, FaultKind.EXCHANGED, reason)
    counted = bundle.metadata.get(META_FILE_COUNT)
    if row.files is not None and counted != str(row.files):
        return _fault(row, FaultKind.EXCHANGED, f"its metadata counts {counted} files, the register {row.files}")
    return None


def _fault(row: BundleRow, kind: FaultKind, reason: str) -> Fault:
    return Fault(kind, day_of(row.bundle_id), row.bundle_id, reason)
