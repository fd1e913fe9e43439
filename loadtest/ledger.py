"""What was uploaded held against what was delivered, file by file, in whatever order the news come."""

from __future__ import annotations

import hashlib
import math
from array import array
from typing import TYPE_CHECKING

from loadtest.files import content_of, number_of
from loadtest.upload_log import UploadLog

if TYPE_CHECKING:
    from collections.abc import Iterable

    from baler.files.bundle.manifest import Manifest
    from loadtest.files import Upload


class DeliveryLedger:
    """The files of one run.

    A file is one put: its number (which is its key) and the version that S3 gave it. Memory is that of the expected
    files from the start on: what is kept of a file later is a few bytes in its bundle.

    Args:
        run: the run's id.
        files: how many are expected.

    Attributes:
        uploads: by number, successful or not.
        missing: numbers of the files that S3 took and that have not been delivered.
        twice: numbers of those that came more than once.
        damaged: numbers of those that came with other bytes.
    """

    def __init__(self, run: str, files: int = 0) -> None:
        self._run = run
        # The first version that came, by number; what came beside it, which is a rarity, by number and version.
        self._delivered_at = array("d", [math.nan]) * files
        self._version = array("q", [0]) * files
        self._others: dict[tuple[int, int], float] = {}
        self.uploads = UploadLog(files)
        self.missing: set[int] = set()
        self.twice: set[int] = set()
        self.damaged: set[int] = set()
        self._bundle = array("q", [0]) * files
        self._place = array("l", [0]) * files

    def note_uploads(self, uploads: Iterable[Upload]) -> list[float]:
        """Take in uploads; return the latencies, in seconds, of those that are known to be delivered already."""
        latencies: list[float] = []
        for upload in uploads:
            self.uploads.note(upload)
            at = None if upload.error else self._came_at(upload.number, hash(upload.version_id))
            if at is not None:
                self._settle(upload.number, upload.version_id)
                latencies.append(at - upload.finished)
            elif not upload.error:
                self.missing.add(upload.number)
        return latencies

    def note_bundle(self, manifest: Manifest, at: float) -> list[float]:
        """Take in a bundle that was in the mailbox at a moment; return the latencies of the files that wait for it."""
        latencies: list[float] = []
        for place, file in enumerate(manifest.files):
            number = number_of(self._run, file.key)
            if number is None:
                continue  # somebody else's
            if hashlib.sha256(content_of(self._run, number)).hexdigest() != file.sha256:
                self.damaged.add(number)
            version = hash(file.version_id)
            if self._came_at(number, version) is not None:
                self.twice.add(number)
                continue
            self._note_delivery(number, version, at)
            self._bundle[number], self._place[number] = hash(manifest.bundle_id), place
            if number in self.missing and self.uploads[number].version_id == file.version_id:
                self._settle(number, file.version_id)
                latencies.append(at - self.uploads[number].finished)
        return latencies

    def latency(self, upload: Upload) -> float | None:
        """Return the seconds from the end of a successful upload to the mailbox, None where it is not there."""
        if upload.error or upload.number in self.missing:
            return None
        return self._delivered_at[upload.number] - upload.finished

    def place_of(self, number: int) -> tuple[int, int]:
        """Return the hash of the id of the bundle with which a delivered file came, and its place in it, from 0."""
        return self._bundle[number], self._place[number]

    @property
    def unreported(self) -> int:
        """How many files were delivered whose upload was not reported, or as failed: an answer or a worker was lost."""
        came = (number for number, at in enumerate(self._delivered_at) if not math.isnan(at))
        return sum(number not in self.uploads or bool(self.uploads[number].error) for number in came)

    def _came_at(self, number: int, version: int) -> float | None:
        if number < len(self._delivered_at) and not math.isnan(self._delivered_at[number]):
            if self._version[number] == version:
                return self._delivered_at[number]
            return self._others.get((number, version))
        return None

    def _note_delivery(self, number: int, version: int, at: float) -> None:
        if number >= len(self._delivered_at):
            more = number + 1 - len(self._delivered_at)
            self._delivered_at.extend([math.nan] * more)
            for column in (self._version, self._bundle, self._place):
                column.extend([0] * more)
        if math.isnan(self._delivered_at[number]):
            self._delivered_at[number], self._version[number] = at, version
        else:
            self._others[number, version] = at

    def _settle(self, number: int, version_id: str | None) -> None:
        """Note that the uploaded version is there; from now on it is the one that the number stands for."""
        self.missing.discard(number)
        self.uploads.forget_version(number)
        version = hash(version_id)
        if self._version[number] != version:
            first = self._version[number], self._delivered_at[number]
            self._version[number], self._delivered_at[number] = version, self._others.pop((number, version))
            self._others[number, first[0]] = first[1]
