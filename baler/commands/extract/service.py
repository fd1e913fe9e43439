"""The extraction: whole bundles in, checked to the last byte, and one file out of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from baler.commands.extract.report import file_extracted, stopped
from baler.files.archive.bucket import AsleepError, Availability, DamagedError
from baler.files.archive.outcome import Done, Outcome, Restoring, Unobtainable
from baler.files.archive.parallel import one_by_one
from baler.files.archive.passes import Passes
from baler.files.unpacking.place import Placement
from baler.files.unpacking.unpack import BadBundleError, UnpackLimits, staged_name, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from baler.cli.exit_codes import ExitCode
    from baler.cli.report import Event
    from baler.cli.shutdown import Shutdown
    from baler.files.archive.bucket import ArchiveBucket, ArchivedBundle, RestoreOptions
    from baler.files.archive.index import ArchivedFile
    from baler.files.bundle.manifest import Manifest, ManifestFile

# The archive is our own: these are not there to be reached, but a damaged bundle shall not fill the disk.
_LIMITS: Final = UnpackLimits(bytes=16 * 1024**3, files=1_000_000)


@dataclass(frozen=True, slots=True)
class Extraction:
    """Takes files out of archived bundles.

    Attributes:
        archive: where the bundles are.
        into: the folder that gets the files.
        restore: how Deep Archive is asked.
        shutdown: how it is stopped.
        report: gets every event.
    """

    archive: ArchiveBucket
    into: Path
    restore: RestoreOptions
    shutdown: Shutdown
    report: Callable[[Event], None]

    def run(self, wanted: Sequence[ArchivedFile], *, wait: bool, poll_seconds: float) -> ExitCode:
        """Extract what can be, once, or until nothing is left to wait for.

        Raises:
            S3RefusedError: S3 refuses us.
        """
        passes = Passes(
            wanted,
            bundle_id_of=lambda found: found.bundle.bundle_id,
            attempt=self._extract,
            each=one_by_one,
            restore=self.restore,
            shutdown=self.shutdown,
            report=self.report,
        )
        try:
            return passes.run(wait=wait, poll_seconds=poll_seconds)
        finally:
            self.report(stopped(passes.done, passes.already_there, passes.refused, len(passes.left)))

    def _extract(self, found: ArchivedFile) -> Outcome:
        bundle = self.archive.inspect(found.bundle.bundle_id)
        if bundle.availability is Availability.ASLEEP:
            self.archive.restore(bundle, self.restore)
        if bundle.availability is not Availability.READABLE:
            return Restoring(bundle, requested=bundle.availability is Availability.ASLEEP)
        # In the folder itself, so that the file can be moved to its place in one step.
        with TemporaryDirectory(prefix=".baler-extract-", dir=self.into) as scratch:
            try:
                return self._take_out(found.file, bundle, Path(scratch))
            except AsleepError:
                return Restoring(bundle, requested=False)
            except BadBundleError as error:
                return Unobtainable(f"{bundle.bundle_id} cannot be unpacked: {error}.")

    def _take_out(self, file: ManifestFile, bundle: ArchivedBundle, scratch: Path) -> Done:
        packed, staging = scratch / "bundle.tar.gz", scratch / "files"
        with packed.open("wb") as target:
            self.archive.download(bundle, target, self.shutdown.interruption_point)
        manifest = unpack(packed, bundle.bundle_id, staging, _LIMITS, self.shutdown.interruption_point)
        derived: list[str] = []
        with Placement(self.into, staging) as placement:
            moved = placement.put(staged_name(_number(file, manifest)), file, derived.append)
            placement.sync()
        path = derived[-1] if derived else file.key
        return Done(file_extracted(file, bundle.bundle_id, path, already_there=not moved), already_there=not moved)


def _number(file: ManifestFile, manifest: Manifest) -> int:
    try:
        return manifest.files.index(file)
    except ValueError as error:
        raise DamagedError(
            f"the index says that {manifest.bundle_id} holds {file.key!r} with SHA-256 {file.sha256}, and it does not"
        ) from error
