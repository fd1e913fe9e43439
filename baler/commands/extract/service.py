"""The extraction: whole bundles in, checked to the last byte, and one file out of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from baler.cli.report import Trouble
from baler.cli.s3 import S3GoneError, S3UnavailableError
from baler.cli.shutdown import Stopping
from baler.commands.extract.report import Extracted, Stopped
from baler.files.archive.bucket import Access, AsleepError, DamagedError, NotArchivedError
from baler.files.archive.exit_code import ExitCode
from baler.files.archive.report import Refused, RestoreAsked, Waiting
from baler.files.unpacking.place import Placement
from baler.files.unpacking.unpack import BadBundleError, Limits, staged_name, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from baler.cli.report import Event
    from baler.cli.shutdown import Shutdown
    from baler.files.archive.bucket import ArchiveBucket, ArchivedBundle, Tier
    from baler.files.archive.index import Found
    from baler.files.bundle.manifest import Manifest, ManifestFile

# The archive is our own: these are not there to be reached, but a damaged bundle shall not fill the disk.
_LIMITS: Final = Limits(bytes=16 * 1024**3, files=1_000_000)


@dataclass(frozen=True, slots=True)
class Restore:
    """How Deep Archive is asked: how fast, and for how many days of a readable copy."""

    tier: Tier
    keep_days: int


class Extraction:
    """Takes files out of archived bundles.

    Args:
        archive: where the bundles are.
        into: the folder that gets the files.
        restore: how Deep Archive is asked.
        shutdown: how it is stopped.
        report: told every event.
    """

    def __init__(
        self,
        archive: ArchiveBucket,
        into: Path,
        restore: Restore,
        shutdown: Shutdown,
        report: Callable[[Event], None],
    ) -> None:
        self._archive = archive
        self._into = into
        self._restore = restore
        self._shutdown = shutdown
        self._report = report
        self._ends: Counter[type[Event]] = Counter()
        self._troubles: dict[str, Trouble] = {}

    def run(self, wanted: Sequence[Found], *, wait: bool, poll_seconds: float) -> ExitCode:
        """Extract what can be, once, or until nothing is left to wait for.

        Raises:
            S3RefusedError: S3 refuses us.
        """
        left = list(wanted)
        waiting = told = Waiting(0, 0, 0)
        try:
            while True:
                left, waiting = self._pass(left)
                if left and waiting != told:
                    told = waiting
                    self._report(waiting)
                if not wait or not left:
                    break
                self._shutdown.wait(poll_seconds)
        except Stopping:
            pass  # what was extracted is whole; the rest is a matter of giving the command again
        self._report(Stopped(self._ends[Extracted], self._ends[Refused], len(left)))
        if left:
            return ExitCode.WAITING if waiting.restoring or not waiting.failed else ExitCode.FAILED
        return ExitCode.REFUSED if self._ends[Refused] else ExitCode.OK

    def _pass(self, wanted: Sequence[Found]) -> tuple[list[Found], Waiting]:
        restoring: list[Found] = []
        failed: list[Found] = []
        for found in wanted:
            bundle_id = found.bundle.bundle_id
            try:
                end = self._extract(found)
            except (NotArchivedError, DamagedError) as error:
                end = Refused(f"{error}.", bundle_id)
            except BadBundleError as error:
                end = Refused(f"{bundle_id} cannot be unpacked: {error}.", bundle_id)
            except (S3UnavailableError, S3GoneError) as error:
                failed.append(found)
                self._tell(Trouble(str(error), bundle_id))
                continue
            if end is None:
                restoring.append(found)
                continue
            self._ends[type(end)] += 1
            self._report(end)
            self._shutdown.checkpoint()
        return restoring + failed, Waiting(len(restoring), 0, len(failed))

    def _tell(self, trouble: Trouble) -> None:
        """Report a trouble unless it is the same as before."""
        key = trouble.key or ""
        if self._troubles.get(key) != trouble:
            self._troubles[key] = trouble
            self._report(trouble)

    def _extract(self, found: Found) -> Extracted | None:
        """Extract one file; None while its bundle is not back from Deep Archive."""
        bundle = self._archive.look(found.bundle.bundle_id)
        if bundle.access is Access.ASLEEP:
            self._archive.restore(bundle, self._restore.tier, self._restore.keep_days)
            self._report(RestoreAsked(bundle.bundle_id, bundle.size, self._restore.tier, self._restore.keep_days))
        if bundle.access is not Access.READABLE:
            return None
        # In the folder itself, so that the file can be moved to its place in one step.
        with TemporaryDirectory(prefix=".baler-extract-", dir=self._into) as scratch:
            try:
                return self._take_out(found.file, bundle, Path(scratch))
            except AsleepError:
                return None

    def _take_out(self, file: ManifestFile, bundle: ArchivedBundle, scratch: Path) -> Extracted:
        packed, staging = scratch / "bundle.tar.gz", scratch / "files"
        with packed.open("wb") as target:
            self._archive.download(bundle, target, self._shutdown.checkpoint)
        manifest = unpack(packed, bundle.bundle_id, staging, _LIMITS, self._shutdown.checkpoint)
        derived: list[str] = []
        with Placement(self._into, staging) as placement:
            placement.put(staged_name(_number(file, manifest)), file, derived.append)
            placement.sync()
        return Extracted(
            key=file.key,
            path=derived[-1] if derived else file.key,
            bytes=file.size,
            sha256=file.sha256,
            version_id=file.version_id,
            event_time=file.event_time,
            bundle_id=bundle.bundle_id,
        )


def _number(file: ManifestFile, manifest: Manifest) -> int:
    try:
        return manifest.files.index(file)
    except ValueError as error:
        raise DamagedError(
            f"the index says that {manifest.bundle_id} holds {file.key!r} with SHA-256 {file.sha256}, and it does not"
        ) from error
