"""The files of a run: what each is called, what is in it, and the record of its upload."""

from __future__ import annotations

import json
import random
from typing import Final, NamedTuple

_PREFIX: Final = "loadtest/"
_FILE_BYTES: Final = 2048
# Not a multiple of a line's length, so that no two files close to each other begin alike.
_STRIDE: Final = 1237
_SEED: Final = 20261120


class Upload(NamedTuple):
    """What became of one upload. A tuple, since that is how it travels from a worker to the master.

    Attributes:
        number: of the file, in the order of the schedule.
        due: when it had to start, in seconds since the schedule's start.
        late: how much later it did start, in seconds.
        seconds: how long the put took.
        finished: seconds since the epoch when S3 had answered.
        version_id: what S3 calls it, None where the landing bucket keeps no versions.
        error: why S3 did not take it, or empty. It may be there nevertheless, where only the answer was lost.
    """

    number: int
    due: float
    late: float
    seconds: float
    finished: float
    version_id: str | None
    error: str


def key_of(run: str, number: int) -> str:
    """Return the object key of a file, which no other file of this or another run has."""
    return f"{_PREFIX}{run}/{number:09d}.jsonl"


def number_of(run: str, key: str) -> int | None:
    """Return the number of the file under a key, None where it is not of this run."""
    number = key.removeprefix(f"{_PREFIX}{run}/").removesuffix(".jsonl")
    return int(number) if number.isdecimal() and key == key_of(run, int(number)) else None


def content_of(run: str, number: int) -> bytes:
    """Return a file's bytes, about 2 KB of JSON lines: the same ones always, and others than any other file's."""
    head = f'{{"run":"{run}","number":{number}}}\n'.encode()
    start = number * _STRIDE % (len(_READINGS) - _FILE_BYTES)
    return head + _READINGS[start : start + _FILE_BYTES - len(head)]


def _readings() -> bytes:
    dice = random.Random(_SEED)  # noqa: S311 - readings, not secrets
    lines = (
        {"device": f"device-{dice.randrange(40):02d}", "celsius": round(dice.gauss(21, 4), 2)} for _ in range(4000)
    )
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


# Made once, so that the generator's processor time is the upload's.
_READINGS: Final = _readings()
