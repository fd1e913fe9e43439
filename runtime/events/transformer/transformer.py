"""Takes raw objects through the gate, and writes what they hold as processed events."""

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
    from collections.abc import Sequence

    from baler.events.stream.ports import StreamTable
    from runtime.events.transformer.batch_objects import BatchObjects
    from runtime.events.transformer.ports import Concurrently, Source, Target, Transform


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
class Written:
    """What was made of an object. Its bytes are gone: an invocation has many objects.

    Attributes:
        events: how many it holds.
        first_arrived_at: when the first of them came into the stream, seconds since the epoch.
    """

    events: int
    first_arrived_at: float


@dataclass(frozen=True, slots=True)
class Report:
    """What became of an object.

    Attributes:
        outcome: in a word.
        reason: of RETRY and REFUSED, in a sentence that quotes nothing.
        refusal: of REFUSED alone.
        written: of PROCESSED alone.
        error: what nobody expects, and was raised; it is tried again.
    """

    outcome: Outcome
    reason: str = ""
    refusal: RefusalReason | None = None
    written: Written | None = None
    error: Exception | None = None


def failed(error: Exception) -> Report:
    """Return the report of an object that an exception stopped."""
    if isinstance(error, Unavailable):
        return Report(Outcome.RETRY, str(error))
    # Of any kind: it is logged, and must not stop the objects beside it.
    return Report(Outcome.RETRY, "an error that nobody expects", error=error)


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
        concurrently: calls for several objects of a batch at the same time.
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
        concurrently: Concurrently = map,
    ) -> None:
        self._table = table
        self._source = source
        self._target = target
        self._stream = stream
        self._transform = transform
        self._patience_seconds = patience_seconds
        self._concurrently = concurrently

    def handle(self, batch: BatchObjects, now: float) -> dict[str, Report]:
        """Process objects of a batch; doing it again, even at the same time, changes nothing.

        Frontier and batch are read once for all of them, and they are noted together: of a batch that one invocation
        has whole, that is three calls, and two for each object.

        Args:
            batch: the objects.
            now: seconds since the epoch, no later than this call.

        Returns:
            What became of each, by its key.
        """
        try:
            shard = ShardKey.of_label(self._stream, batch.shard_label)
            admissions = admit(self._table, shard, batch.last, batch.written_at)
        except Exception as error:  # noqa: BLE001 - see failed()
            return dict.fromkeys(batch.written_at, failed(error))
        listed = [key for key, admission in admissions.items() if admission is Admission.LISTED]
        reports = dict(zip(listed, self._concurrently(self._process, listed), strict=True))
        self._note(shard, batch.last, reports)
        for key, admission in admissions.items():
            if admission is not Admission.LISTED:
                waits = admission is Admission.NOT_YET and now - batch.written_at[key] < self._patience_seconds
                reports[key] = Report(Outcome.NOT_YET if waits else Outcome.SKIPPED)
        return reports

    def _process(self, key: str) -> Report:
        """Process an object that a batch lists, all but to note it."""
        try:
            body = self._source.get(key)
            if body is None:
                return Report(Outcome.REFUSED, "a batch lists it, and it is not there", RefusalReason.OBJECT_MISSING)
            raw_object_name(key).check(body)
            content = self._transform(body)
            self._target.put(key, content.body)
        except ForeignObjectError as error:
            return Report(Outcome.REFUSED, str(error), RefusalReason.FOREIGN_CONTENT)
        except Exception as error:  # noqa: BLE001 - see failed()
            return failed(error)
        return Report(Outcome.PROCESSED, written=Written(content.events, content.first_arrived_at))

    def _note(self, shard: ShardKey, last: str, reports: dict[str, Report]) -> None:
        """Note what is processed. Last: a batch that says so has nothing left to do."""
        processed: Sequence[str] = [key for key, each in reports.items() if each.outcome is Outcome.PROCESSED]
        if not processed:
            return
        try:
            self._table.note_processed(shard, last, processed)
        except Exception as error:  # noqa: BLE001 - see failed()
            reports.update(dict.fromkeys(processed, failed(error)))
