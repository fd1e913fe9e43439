"""What was uploaded held against what was delivered, file by file, in whatever order the news come."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from loadtest.files import content_of, number_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from baler.files.bundle.manifest import Manifest
    from loadtest.files import Upload


class DeliveryLedger:
    """The files of one run.

    A file is one put: its number (which is its key) and the version that S3 gave it.

    Attributes:
        uploads: by number, successful or not.
        missing: numbers of the files that S3 took and that have not been delivered.
        twice: numbers of those that came more than once.
        damaged: numbers of those that came with other bytes.
    """

    def __init__(self, run: str) -> None:
        self._run = run
        self._delivered: dict[tuple[int, str | None], float] = {}
        self.uploads: dict[int, Upload] = {}
        self.missing: set[int] = set()
        self.twice: set[int] = set()
        self.damaged: set[int] = set()

    def note_uploads(self, uploads: Iterable[Upload]) -> list[float]:
        """Take in uploads; return the latencies, in seconds, of those that are known to be delivered already."""
        latencies: list[float] = []
        for upload in uploads:
            self.uploads[upload.number] = upload
            latency = self.latency(upload)
            if latency is not None:
                latencies.append(latency)
            elif not upload.error:
                self.missing.add(upload.number)
        return latencies

    def note_bundle(self, manifest: Manifest, at: float) -> list[float]:
        """Take in a bundle that was in the mailbox at a moment; return the latencies of the files that wait for it."""
        latencies: list[float] = []
        for file in manifest.files:
            number = number_of(self._run, file.key)
            if number is None:
                continue  # somebody else's
            if hashlib.sha256(content_of(self._run, number)).hexdigest() != file.sha256:
                self.damaged.add(number)
            if (number, file.version_id) in self._delivered:
                self.twice.add(number)
                continue
            self._delivered[number, file.version_id] = at
            upload = self.uploads.get(number)
            if upload is not None and (latency := self.latency(upload)) is not None:
                self.missing.discard(number)
                latencies.append(latency)
        return latencies

    def latency(self, upload: Upload) -> float | None:
        """Return the seconds from the end of a successful upload to the mailbox, None where it is not there."""
        at = None if upload.error else self._delivered.get((upload.number, upload.version_id))
        return None if at is None else at - upload.finished

    @property
    def unreported(self) -> int:
        """How many files were delivered whose upload was not reported, or as failed: an answer or a worker was lost."""
        return sum(
            number not in self.uploads or bool(self.uploads[number].error) for number in {n for n, _ in self._delivered}
        )
