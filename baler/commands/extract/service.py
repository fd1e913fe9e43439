"""The extraction: whole bundles in, checked to the last byte, and files out of each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, Self

from baler.commands.extract.report import file_extracted, stopped
from baler.files.archive.bucket import AsleepError, Availability, DamagedError
from baler.files.archive.outcome import Done, Outcome, Restoring, Unobtainable
from baler.files.archive.parallel import one_by_one
from baler.files.archive.passes import Passes
from baler.files.unpacking.place import Placement
from baler.files.unpacking.unpack import BadBundleError, UnpackLimits, staged_name, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

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
        staging = _Staging(self.into)
        passes = Passes(
            wanted,
            bundle_id_of=lambda found: found.bundle.bundle_id,
            attempt=partial(self._extract, staging),
            each=one_by_one,
            restore=self.restore,
            shutdown=self.shutdown,
            report=self.report,
        )
        try:
            with staging:
                return passes.run(wait=wait, poll_seconds=poll_seconds)
        finally:
            self.report(stopped(passes.done, passes.already_there, passes.refused, len(passes.left)))

    def _extract(self, staging: _Staging, found: ArchivedFile) -> Outcome:
        if not staging.holds(found.bundle.bundle_id):
            bundle = self.archive.inspect(found.bundle.bundle_id)
            if bundle.availability is Availability.ASLEEP:
                self.archive.restore(bundle, self.restore)
            if bundle.availability is not Availability.READABLE:
                return Restoring(bundle, requested=bundle.availability is Availability.ASLEEP)
            try:
                staging.unpack(bundle, self.archive, self.shutdown)
            except AsleepError:
                return Restoring(bundle, requested=False)
            except BadBundleError as error:
                return Unobtainable(f"{bundle.bundle_id} cannot be unpacked: {error}.")
        return self._take_out(found.file, staging)

    def _take_out(self, file: ManifestFile, staging: _Staging) -> Done:
        manifest = staging.manifest
        derived: list[str] = []
        with Placement(self.into, staging.files) as placement:
            moved = placement.put(staged_name(_number(file, manifest)), file, derived.append)
            placement.sync()
        path = derived[-1] if derived else file.key
        return Done(file_extracted(file, manifest.bundle_id, path, already_there=not moved), already_there=not moved)


class _Staging:
    """The bundle that was unpacked last: the files that are taken out of one bundle follow on each other.

    Args:
        into: the folder that gets them; it is unpacked in there, so that a file can be moved to its place in one step.
    """

    def __init__(self, into: Path) -> None:
        self._into = into
        self._scratch: TemporaryDirectory[str] | None = None
        self._manifest: Manifest | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clear()

    @property
    def manifest(self) -> Manifest:
        """Its manifest."""
        if self._manifest is None:
            raise AssertionError("nothing was unpacked")
        return self._manifest

    @property
    def files(self) -> Path:
        """The folder that has its files."""
        if self._scratch is None:
            raise AssertionError("nothing was unpacked")
        return Path(self._scratch.name) / "files"

    def holds(self, bundle_id: str) -> bool:
        """Tell whether it is this bundle."""
        return self._manifest is not None and self._manifest.bundle_id == bundle_id

    def unpack(self, bundle: ArchivedBundle, archive: ArchiveBucket, shutdown: Shutdown) -> None:
        """Download and unpack a bundle in the place of the one before.

        Raises:
            AsleepError, DamagedError, BadBundleError, S3Error: it cannot be had, or not now.
        """
        self._clear()
        self._scratch = TemporaryDirectory(prefix=".baler-extract-", dir=self._into)
        packed = Path(self._scratch.name) / "bundle.tar.gz"
        with packed.open("wb") as target:
            archive.download(bundle, target, shutdown.interruption_point)
        self._manifest = unpack(packed, bundle.bundle_id, self.files, _LIMITS, shutdown.interruption_point)
        packed.unlink()

    def _clear(self) -> None:
        self._manifest = None
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None


def _number(file: ManifestFile, manifest: Manifest) -> int:
    try:
        return manifest.files.index(file)
    except ValueError as error:
        raise DamagedError(
            f"the index says that {manifest.bundle_id} holds {file.key!r} with SHA-256 {file.sha256}, and it does not"
        ) from error
