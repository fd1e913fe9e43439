"""From the staging folder to a folder of the bundle's own, which appears with all of its files or not at all."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from baler.commands.consume.staged import StagingLostError, staged_manifest, staged_names
from baler.files.unpacking.place import Placement, sync_or_all
from baler.files.unpacking.rename import rename_exclusively
from baler.files.unpacking.unpack import staged_name

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from baler.commands.consume.publisher_parts import PublisherParts
    from baler.files.bundle.manifest import ManifestFile
    from baler.files.ledger.ledger import LedgerEntry

# In the staging folder of a bundle, where its other names are numbers and MANIFEST.json.
TREE: Final = "whole"
_DROPPED: Final = "dropped"
_OPEN_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Under so many names a folder is tried; a second is needed only where something else has the first.
_ATTEMPTS: Final = 10


class WholeBundlePublisher:
    """Delivers unpacked bundles, each as a folder that one rename brings into sight.

    Args:
        parts: what it takes.
    """

    def __init__(self, parts: PublisherParts) -> None:
        self.into = parts.into
        self._parts = parts
        self._ledger = parts.ledger
        self._state = parts.state

    def has_begun(self, entry: LedgerEntry) -> bool:
        """Tell whether an earlier run began to publish this bundle as a whole, so that it must be finished so."""
        return self._ledger.folder(entry.bundle_id) is not None or self._tree(entry).is_dir()

    def publish(self, entry: LedgerEntry) -> None:
        """Bring a bundle from `unpacked` to `delivered`, from wherever an earlier run left it.

        Its files are moved below one folder inside the staging folder, made durable there, and proven to be all of
        them; the ledger notes the name that the folder gets; then one rename publishes it. A folder that is not staged
        any more after that note counts as published, whoever has taken it away since; where it does not lie in its
        place, that is reported.

        Raises:
            StagingLostError: staged files are missing or were changed. Nothing of them was published.
        """
        staging = self._state.staging(entry.bundle_id)
        files = staged_manifest(entry, staging).files
        progress = self._ledger.progress(entry.bundle_id)
        folder = self._ledger.folder(entry.bundle_id)
        gone = not self._tree(entry).exists() and not staged_names(staging) & set(map(staged_name, range(len(files))))
        if folder is not None and progress.begun and gone:
            if not progress.ended and not self._is_whole(entry, folder, files):
                self._parts.doubtful(entry, folder)
            self._ledger.end_file(entry.bundle_id, 0)
        else:
            self._build(entry, files)
            folder = self._move(entry, files)
        with _opened(self.into) as into, _opened(staging) as staged:
            sync_or_all(into, staged)
        self._parts.deliver(entry, files, folder)

    def published_before(self, entry: LedgerEntry) -> frozenset[int]:
        """Return the files of a bundle, by position, that were published for sure: all of them, or none."""
        published = self._ledger.progress(entry.bundle_id).ended and not self._tree(entry).exists()
        return frozenset(range(entry.files)) if published else frozenset()

    def _tree(self, entry: LedgerEntry) -> Path:
        return self._state.staging(entry.bundle_id) / TREE

    def _build(self, entry: LedgerEntry, files: tuple[ManifestFile, ...]) -> None:
        """Have every file in the tree, and all of it durable; an earlier attempt may have brought some there."""
        staging = self._state.staging(entry.bundle_id)
        with _opened(self.into) as into, _opened(staging) as staged:
            self._parts.permissions.make_own_folder(TREE.encode(), staged, into)
            # Before anything is moved into it: a disk that kept the move and not the folder would lose the file.
            sync_or_all(staged)
        with Placement(self._tree(entry), staging, self._parts.permissions) as placement:
            for number, file in enumerate(files):
                self._parts.interruption_point()
                self._bring(placement, entry.bundle_id, number, file)
            placement.sync()

    def _bring(self, placement: Placement, bundle_id: str, number: int, file: ManifestFile) -> None:
        name = staged_name(number)
        place = self._ledger.noted_place(bundle_id, number)
        if placement.is_staged(name, file):
            if place is not None:  # of an attempt that died before the move, or of what a replay repeats
                self._ledger.forget_place(bundle_id, number)
            placement.put(name, file, lambda path: self._ledger.note_place(bundle_id, number, file, path))
        elif placement.lies_at(place or file.key, file):
            placement.was_put(place or file.key)
        else:
            raise StagingLostError(f"the staged file {name} was removed or changed")

    def _move(self, entry: LedgerEntry, files: tuple[ManifestFile, ...]) -> str:
        """Publish the tree under the first name that is free; return that name.

        What lies under a name already, with every file of this bundle in it, was delivered by a consumer whose ledger
        is lost: it stays as it is.
        """
        with _opened(self.into) as into, _opened(self._state.staging(entry.bundle_id)) as staged:
            for folder in _names_of(entry):
                there = self._is_whole(entry, folder, files)
                if not there and os.path.lexists(self.into / folder):
                    continue
                self._ledger.begin_folder(entry.bundle_id, folder)
                self._parts.fence()
                try:
                    if there:
                        # By one rename too: a tree that is not staged any more counts as published.
                        os.rename(TREE, _DROPPED, src_dir_fd=staged, dst_dir_fd=staged)
                    else:
                        rename_exclusively(TREE.encode(), staged, folder.encode(), into)
                except FileExistsError:
                    continue  # somebody has made it just now
                self._ledger.end_file(entry.bundle_id, 0)
                return folder
        raise FileExistsError(f"{self.into} has something else under every name that {entry.bundle_id} could get")

    def _is_whole(self, entry: LedgerEntry, folder: str, files: tuple[ManifestFile, ...]) -> bool:
        """Tell whether every file of a bundle lies in this folder of the folder of files."""
        path = self.into / folder
        if path.is_symlink() or not path.is_dir():
            return False
        places = self._ledger.places_of(entry.bundle_id)
        with Placement(path, self._state.staging(entry.bundle_id), self._parts.permissions) as placement:
            return all(placement.lies_at(places.get(number, file.key), file) for number, file in enumerate(files))


def _names_of(entry: LedgerEntry) -> Generator[str]:
    """Yield the names that a bundle's folder may get, best first. Each replay has a folder of its own."""
    name = entry.bundle_id if entry.replay_id is None else f"{entry.bundle_id}.{entry.replay_id}"
    yield name
    for attempt in range(1, _ATTEMPTS):
        yield f"{name}.~{attempt}"


@contextmanager
def _opened(folder: Path) -> Generator[int]:
    descriptor = os.open(folder, _OPEN_FOLDER)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
