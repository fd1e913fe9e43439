"""Every upload of a run in arrays that are made once, so that the load test does not grow with what it has uploaded.

As objects, ten files a second are 25 MB an hour, which would hide what a soak looks for.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Mapping

from loadtest.files import Upload


class UploadLog(Mapping[int, Upload]):
    """Uploads by number.

    The version of a file that has been forgotten (see `forget_version`) reads as None.

    Args:
        files: how many are expected; room is made for them at once, and for more as they come.
    """

    def __init__(self, files: int) -> None:
        self._due, self._late, self._seconds, self._finished = (array("d", [math.nan]) * files for _ in range(4))
        self._versions: dict[int, str | None] = {}
        self._errors: dict[int, str] = {}
        self._count = 0

    def note(self, upload: Upload) -> None:
        """Take in an upload; a second report of the same number replaces the first."""
        number = upload.number
        for column in (self._due, self._late, self._seconds, self._finished):
            if number >= len(column):
                column.extend([math.nan] * (number + 1 - len(column)))
        self._count += number not in self
        self._due[number], self._late[number] = upload.due, upload.late
        self._seconds[number], self._finished[number] = upload.seconds, upload.finished
        self._versions[number] = upload.version_id
        self._errors.pop(number, None)
        if upload.error:
            self._errors[number] = upload.error

    def forget_version(self, number: int) -> None:
        """Forget which version S3 made of a file: it has been delivered."""
        self._versions.pop(number, None)

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and 0 <= number < len(self._due) and not math.isnan(self._due[number])

    def __getitem__(self, number: int) -> Upload:
        if number not in self:
            raise KeyError(number)
        return Upload(
            number,
            self._due[number],
            self._late[number],
            self._seconds[number],
            self._finished[number],
            self._versions.get(number),
            self._errors.get(number, ""),
        )

    def __iter__(self) -> Iterator[int]:
        return (number for number, due in enumerate(self._due) if not math.isnan(due))

    def __len__(self) -> int:
        return self._count
