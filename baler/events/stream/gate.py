"""Tells an object that readers may see from one that is not committed yet, or never will be."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from baler.events.stream.frontier import is_beyond

if TYPE_CHECKING:
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


def admit(table: StreamTable, shard: ShardKey, last: str, key: str) -> Admission:
    """Say what an object is.

    The frontier is read first. In the other order, a commit between the two reads would hide its own batch: not there
    when batches were read, behind the frontier when that was, so an orphan; its events would be lost.

    Args:
        table: frontiers and batches.
        shard: whose records the object holds.
        last: sequence number of the last record of the batch that it was written for.
        key: of the object.

    Raises:
        Unavailable: the table does not answer.
    """
    if is_beyond(last, table.frontier(shard)):
        return Admission.NOT_YET
    batch = table.batch(shard, last)
    return Admission.LISTED if batch is not None and key in batch.objects else Admission.ORPHAN
