"""The announced objects of one batch of records: what is read and noted of the batch is so once for all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from baler.events.raw_object import ForeignObjectError, raw_object_name

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class BatchObjects:
    """Objects that were written for the same batch.

    Attributes:
        shard_label: of the shard whose records they hold.
        last: sequence number of the last record of the batch.
        written_at: when each was put, by its event, seconds since the epoch, by their keys. Of one that is announced
            more than once, the latest.
    """

    shard_label: str
    last: str
    written_at: dict[str, float] = field(default_factory=dict[str, float])


def by_batch(objects: Iterable[tuple[str, float]]) -> tuple[list[BatchObjects], dict[str, ForeignObjectError]]:
    """Sort objects into their batches.

    Args:
        objects: keys, and when each was put.

    Returns:
        The batches, and why other keys are none of a raw object.
    """
    batches: dict[tuple[str, str], BatchObjects] = {}
    foreign: dict[str, ForeignObjectError] = {}
    for key, written_at in objects:
        try:
            name = raw_object_name(key)
        except ForeignObjectError as error:
            foreign[key] = error
            continue
        batch = batches.setdefault((name.shard_label, name.last), BatchObjects(name.shard_label, name.last))
        batch.written_at[key] = max(written_at, batch.written_at.get(key, written_at))
    return list(batches.values()), foreign
