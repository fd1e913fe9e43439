"""The pseudo-shards under which records are committed that the frontier of their own shard has passed."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, Self

from baler.events.stream.shard_key import ShardKey

_RUN: Final = re.compile(r"(?P<kind>redrive|replay)-(?P<began>[0-9]{8}T[0-9]{6}Z)-(?P<unique>[0-9a-f]{6})")
_PSEUDO_SHARD: Final = re.compile(rf"{_RUN.pattern}-(?P<origin>[A-Za-z0-9_.-]+)-(?P<digest>[0-9a-f]{{8}})")
_MOMENT: Final = "%Y%m%dT%H%M%SZ"


class RecoveryKind(StrEnum):
    """Where a run takes the records from."""

    REDRIVE = "redrive"
    """From objects of the destination on failure."""

    REPLAY = "replay"
    """From the stream itself."""


@dataclass(frozen=True, slots=True)
class RecoveryRun:
    """One run of `baler events redrive` or `replay`; all its tries are the same run.

    Attributes:
        kind: where the records come from.
        began: when, UTC, whole seconds.
        unique: six hexadecimal digits that tell it from others of that second.
    """

    kind: RecoveryKind
    began: datetime
    unique: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the run that has an id.

        Raises:
            ValueError: no run has this id.
        """
        found = _RUN.fullmatch(text)
        if not found:
            raise ValueError("no recovery has this id")
        return cls(
            RecoveryKind(found["kind"]),
            datetime.strptime(found["began"], _MOMENT).replace(tzinfo=UTC),
            found["unique"],
        )

    def __str__(self) -> str:
        return f"{self.kind}-{self.began:{_MOMENT}}-{self.unique}"


def pseudo_shard(run: RecoveryRun, shard: ShardKey, first: str) -> ShardKey:
    """Return the pseudo-shard for the records of a shard from `first` on; it has one batch at most.

    Of two tries that begin with the same record one commits, since both move the same frontier. A name that belongs to
    the run alone lets a later run put its objects anew: those of an earlier one, which never committed, are announced
    no more.
    """
    digest = hashlib.sha256(f"{shard}/{first}".encode()).hexdigest()[:8]
    return ShardKey(shard.stream, shard.created_at, f"{run}-{shard.shard_id}-{digest}")


def origin_of(shard: ShardKey) -> ShardKey | None:
    """Return the shard whose records a pseudo-shard commits; None where it is none."""
    found = _PSEUDO_SHARD.fullmatch(shard.shard_id)
    return ShardKey(shard.stream, shard.created_at, found["origin"]) if found else None
