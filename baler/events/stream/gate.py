"""Tells an object that readers may see from one that is not committed yet, or never will be."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from baler.events.stream.frontier import is_beyond

if TYPE_CHECKING:
    from collections.abc import Iterable

    from baler.events.stream.ports import StreamTable
    from baler.events.stream.shard_key import ShardKey


class Admission(Enum):
    """What the gate says of an object."""

    LISTED = auto()
    """A committed batch lists it."""

    NOT_YET = auto()
    """The frontier lies before its last record: its batch may be committed later."""

    ORPHAN = auto()
    """The frontier lies at or behind its last record, and no batch lists it: an attempt left it that did not commit."""


def admit(table: StreamTable, shard: ShardKey, last: str, keys: Iterable[str]) -> dict[str, Admission]:
    """Say what objects are that were written for the same batch, by two reads for all of them.

    The frontier is read first. In the other order, a commit between the two reads would hide its own batch: not there
    when batches were read, behind the frontier when that was, so an orphan; its events would be lost. So what is said
    holds for this call alone: nobody keeps one of the two reads for the next call.

    Args:
        table: frontiers and batches.
        shard: whose records the objects hold.
        last: sequence number of the last record of the batch that they were written for.
        keys: of the objects.

    Raises:
        Unavailable: the table does not answer.
    """
    if is_beyond(last, table.frontier(shard)):
        return dict.fromkeys(keys, Admission.NOT_YET)
    batch = table.batch(shard, last)
    listed = frozenset(() if batch is None else batch.objects)
    return {key: Admission.LISTED if key in listed else Admission.ORPHAN for key in keys}
