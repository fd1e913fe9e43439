"""From the staging folder to the place of each file."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from baler.commands.consume.staged import StagingLostError, staged_manifest, staged_names
from baler.files.unpacking.place import Placement
from baler.files.unpacking.unpack import staged_name

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from baler.commands.consume.publisher_parts import PublisherParts
    from baler.files.bundle.manifest import ManifestFile
    from baler.files.ledger.ledger import LedgerEntry, PublicationProgress

# For so many files one durable note says that they may move: after a power cut it is not known of them which did.
_DUE_AT_ONCE: Final = 256


class Publisher:
    """Delivers unpacked bundles file by file.

    Args:
        parts: what it takes.
    """

    def __init__(self, parts: PublisherParts) -> None:
        self.into = parts.into
        self._parts = parts
        self._ledger = parts.ledger
        self._state = parts.state

    def publish(self, entry: LedgerEntry) -> None:
        """Bring a bundle from `unpacked` to `delivered`, from wherever an earlier run left it.

        A file leaves the staging folder by the very rename that publishes it, and the ledger notes before each rename
        that it is due and afterwards that it was done. So after any crash it is known of every file, or of every file
        but one, whether it was published, even if someone has taken it away from its place since. That one counts as
        published if it is not staged any more, since a reader that takes files away at once is likelier than a
        clean-up that hits just this one; where it does not lie in its place, that is reported. Whatever else is missing
        was removed by somebody else: a clean-up of the disk, for example.

        The notes of single files do not wait for the disk; one that does goes before, for many files. So after a power
        cut each of these counts as published that is not staged any more.

        A file that is staged may have a note of its place all the same: from an attempt that died before the move, or
        from the delivery that a replay repeats.

        Raises:
            StagingLostError: staged files are missing or were changed. Nothing of them counts as published.
        """
        staging = self._state.staging(entry.bundle_id)
        files = staged_manifest(entry, staging).files
        staged = staged_names(staging)
        progress = self._ledger.progress(entry.bundle_id)
        published = _published(progress, len(files), staged)
        due = published
        places = self._ledger.places_of(entry.bundle_id)
        with Placement(self.into, staging, self._parts.permissions) as placement:
            for number, file in enumerate(files):
                self._parts.interruption_point()
                if number >= due:
                    due = min(number + _DUE_AT_ONCE, len(files))
                    self._ledger.begin_files(entry.bundle_id, number, due)
                if number >= published or staged_name(number) in staged:
                    # One before that is staged: a power cut has taken its move back, whatever the ledger says.
                    is_noted = number < progress.ended
                    self._publish_file(placement, entry.bundle_id, number, file, places.get(number), noted=is_noted)
                else:
                    self._pass_over(placement, entry, number, file, progress)
            placement.sync()
        self._parts.deliver(entry, files)

    def begun(self, entry: LedgerEntry) -> int | None:
        """Return how many files of a bundle may be in sight; None where an older version did not note it."""
        return self._ledger.progress(entry.bundle_id).begun

    def published_before(self, entry: LedgerEntry) -> frozenset[int]:
        """Return which files of a bundle, by position, were published for sure and are not staged any more."""
        staged = staged_names(self._state.staging(entry.bundle_id))
        ended = self._ledger.progress(entry.bundle_id).ended
        return frozenset(number for number in range(ended) if staged_name(number) not in staged)

    def _pass_over(
        self, placement: Placement, entry: LedgerEntry, number: int, file: ManifestFile, progress: PublicationProgress
    ) -> None:
        """Count a file as published that an earlier run has moved, or may have moved."""
        place = self._ledger.noted_place(entry.bundle_id, number) or file.key
        if number >= progress.ended:
            if progress.begun is not None and not placement.lies_at(place, file):
                self._parts.doubtful(entry, file.key)
            self._ledger.end_file(entry.bundle_id, number)
        placement.was_put(place)

    def _publish_file(  # noqa: PLR0913 - a file and what is known of it
        self,
        placement: Placement,
        bundle_id: str,
        number: int,
        file: ManifestFile,
        place: str | None,
        *,
        noted: bool,
    ) -> None:
        """Move a file to its place; `place` and `noted` are what the ledger says of an earlier attempt."""
        name = staged_name(number)
        if not placement.is_staged(name, file):
            raise StagingLostError(f"the staged file {name} was removed or changed")
        begin = self._parts.fence if noted else partial(self._begin, bundle_id, number)
        if place is None or not self._lies_at(placement, bundle_id, number, file, place, begin):
            note = partial(self._ledger.note_place, bundle_id, number, file)
            try:
                placement.put(name, file, note, begin)
            except FileNotFoundError as error:
                if placement.is_staged(name, file):
                    raise  # it is the folder of its place that was removed
                if not noted:
                    self._ledger.take_back_file(bundle_id, number)
                raise StagingLostError(f"the staged file {name} was removed") from error
        if not noted:
            self._ledger.end_file(bundle_id, number)

    def _lies_at(  # noqa: PLR0913, PLR0917 - as above
        self,
        placement: Placement,
        bundle_id: str,
        number: int,
        file: ManifestFile,
        place: str,
        begin: Callable[[], None],
    ) -> bool:
        """Drop a staged file whose bytes lie at the place that is noted for it; forget a note that is wrong."""
        begin()
        if placement.is_at(place, staged_name(number), file):
            return True
        self._ledger.forget_place(bundle_id, number)
        return False

    def _begin(self, bundle_id: str, number: int) -> None:
        self._ledger.begin_file(bundle_id, number)
        self._parts.fence()


def _published(progress: PublicationProgress, files: int, staged: Container[str]) -> int:
    """Count the files up to the last one that was published before, as far as the ledger knows.

    Raises:
        StagingLostError: more is missing than that.
    """
    missing = [number for number in range(files) if staged_name(number) not in staged]
    begun = progress.begun
    if begun is None:
        # An older version began: what is missing up to the first staged file was published.
        begun = next((number for number in range(files) if staged_name(number) in staged), files)
    if lost := [number for number in missing if number >= begun]:
        raise StagingLostError(f"{len(lost)} of the {files} staged files are not there any more")
    return max(progress.ended, missing[-1] + 1 if missing else 0)
