"""Takes a raw object through the gate, and writes what it holds as processed events."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from baler.events.raw_object import ForeignObjectError, raw_object_name
from baler.events.refusal_reason import RefusalReason
from baler.events.stream.gate import Admission, admit
from baler.events.stream.shard_key import ShardKey
from baler.store_errors import Unavailable

if TYPE_CHECKING:
    from baler.events.raw_object import RawObjectName
    from baler.events.stream.ports import StreamTable
    from runtime.events.transformer.ports import ProcessedContent, Source, Target, Transform


class Outcome(StrEnum):
    """What became of an announced object."""

    PROCESSED = "processed"
    """Its events are in the processed store, and its batch says so."""

    SKIPPED = "skipped"
    """It is an orphan, which nobody reads. It stays: what removes orphans is a sweeper that knows their age."""

    NOT_YET = "not_yet"
    """Its batch is not committed: announce it again after a delay."""

    RETRY = "retry"
    """A store did not answer."""

    REFUSED = "refused"
    """Never: its key or its bytes are not what a processor wrote. For the dead letters and an alarm."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of an object.

    Attributes:
        outcome: in a word.
        reason: of RETRY and REFUSED, in a sentence that quotes nothing.
        refusal: of REFUSED alone.
        content: what was written; of PROCESSED alone.
    """

    outcome: Outcome
    reason: str = ""
    refusal: RefusalReason | None = None
    content: ProcessedContent | None = None


class Transformer:
    """Processes raw objects.

    Args:
        table: frontiers and batches.
        source: the raw store.
        target: the processed store.
        stream: ARN of the stream.
        transform: makes processed events of raw ones.
        patience_seconds: how long after an object was written its batch may still be committed. At least the
            retention of the stream: a record that is gone from it comes in no batch any more.
    """

    def __init__(  # noqa: PLR0913 - wired in one place
        self,
        *,
        table: StreamTable,
        source: Source,
        target: Target,
        stream: str,
        transform: Transform,
        patience_seconds: float,
    ) -> None:
        self._table = table
        self._source = source
        self._target = target
        self._stream = stream
        self._transform = transform
        self._patience_seconds = patience_seconds

    def handle(self, key: str, written_at: float, now: float) -> Report:
        """Process an object; doing it again, even at the same time, changes nothing.

        Args:
            key: of the object.
            written_at: when it was put, by its event, seconds since the epoch.
            now: seconds since the epoch, no later than this call.
        """
        try:
            name = raw_object_name(key)
        except ForeignObjectError as error:
            return Report(Outcome.REFUSED, str(error), RefusalReason.FOREIGN_KEY)
        try:
            shard = ShardKey.of_label(self._stream, name.shard_label)
            match admit(self._table, shard, name.last, key):
                case Admission.NOT_YET if now - written_at < self._patience_seconds:
                    return Report(Outcome.NOT_YET)
                case Admission.LISTED:
                    return self._process(key, name, shard)
                case _:
                    return Report(Outcome.SKIPPED)
        except Unavailable as error:
            return Report(Outcome.RETRY, str(error))
        except ForeignObjectError as error:
            return Report(Outcome.REFUSED, str(error), RefusalReason.FOREIGN_CONTENT)

    def _process(self, key: str, name: RawObjectName, shard: ShardKey) -> Report:
        """Process an object that a batch lists.

        Raises:
            Unavailable: a store does not answer.
            ForeignObjectError: its bytes are not those that its key was made of.
        """
        body = self._source.get(key)
        if body is None:
            return Report(Outcome.REFUSED, "a batch lists it, and it is not there", RefusalReason.OBJECT_MISSING)
        name.check(body)
        content = self._transform(body)
        self._target.put(key, content.body)
        # Last: a batch that says "processed" has nothing left to do.
        self._table.note_processed(shard, name.last, key)
        return Report(Outcome.PROCESSED, content=content)
