"""What the stores say of the batches that were committed, for a table that has lost some of them.

An object by itself proves nothing: an attempt that never committed leaves its objects too. What was reported in the
table of batches was committed, and so was what has been processed, since the gate let it pass.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from baler.events.recovery.pseudo_shard import origin_of
from baler.events.recovery.span import Span
from baler.events.stream.frontier import BEGINNING
from baler.events.stream.shard_key import ShardKey

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

_NAME: Final = re.compile(
    r"data_(?P<label>[0-9]{1,12}\.[A-Za-z0-9_.-]{1,128})_(?P<first>\d+)_(?P<last>\d+)_[0-9a-f]{64}\.json"
)


@dataclass(frozen=True, order=True, slots=True)
class BatchName:
    """What the names of a batch's objects share.

    Attributes:
        label: of its shard, or pseudo-shard.
        first, last: sequence numbers of its first and last record.
    """

    label: str
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class BatchEvidence:
    """A batch that was committed.

    Attributes:
        shard: a shard or a pseudo-shard.
        after: the last number of the batch before, so far as that is known.
        span: of its records.
        objects: keys of the raw objects, in their order.
        rejected: key of its rejected lines; None if there are none.
        reported: whether the table of batches has it.
    """

    shard: ShardKey
    after: str
    span: Span
    objects: tuple[str, ...]
    rejected: str | None
    reported: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found.

    Attributes:
        batches: those that were committed, by shard and number.
        uncertain: those of which objects are there, and nothing says that they were committed.
        contradictory: shards of which two committed batches overlap; none of their batches is among the others.
    """

    batches: tuple[BatchEvidence, ...]
    uncertain: tuple[BatchName, ...]
    contradictory: tuple[ShardKey, ...]

    def frontiers(self) -> Mapping[ShardKey, str]:
        """Return how far each shard was committed at least; one whose records were recovered lies behind them."""
        found: dict[ShardKey, str] = {}
        for batch in self.batches:
            for shard in {batch.shard, origin_of(batch.shard) or batch.shard}:
                found[shard] = max(found.get(shard, BEGINNING), batch.span.last)
        return found


def batch_name(key: str) -> BatchName | None:
    """Return the batch of a raw, rejected or processed object; None where the processor makes no such key."""
    found = _NAME.fullmatch(key.rpartition("/")[2])
    return BatchName(found["label"], found["first"], found["last"]) if found else None


def evidence(
    stream: str,
    raw: Iterable[str],
    rejected: Iterable[str],
    processed: Iterable[str],
    reported: Collection[BatchName],
) -> Evidence:
    """Weigh what is there.

    Args:
        stream: ARN.
        raw: keys of the raw objects.
        rejected: keys of the objects of rejected lines.
        processed: keys of the processed objects.
        reported: what the table of batches has.
    """
    objects: dict[BatchName, list[str]] = defaultdict(list)
    for key in raw:
        if name := batch_name(key):
            objects[name].append(key)
    rejections = {name: key for key in rejected if (name := batch_name(key))}
    committed = {name for key in processed if (name := batch_name(key))} | set(reported)
    there = objects.keys() | rejections.keys()
    shards: dict[ShardKey, list[BatchName]] = defaultdict(list)
    for name in sorted(committed & there):
        shards[ShardKey.of_label(stream, name.label)].append(name)
    contradictory = {shard for shard, names in shards.items() if _overlap(names)}
    batches: list[BatchEvidence] = []
    for shard, names in shards.items():
        after = BEGINNING
        for name in names if shard not in contradictory else ():
            span = Span(name.first, name.last)
            keys = tuple(sorted(objects[name])) if name in objects else ()
            batches.append(BatchEvidence(shard, after, span, keys, rejections.get(name), name in reported))
            after = name.last
    return Evidence(tuple(batches), tuple(sorted(there - committed)), tuple(contradictory))


def _overlap(names: Sequence[BatchName]) -> bool:
    return any(one.last >= other.first for one, other in pairwise(names))
