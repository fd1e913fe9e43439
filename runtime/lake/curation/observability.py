"""What curation reports about itself: one logger, one tracer, and the metrics of each batch of messages (EMF).

Keys, counts and reasons are reported, never what a source sent or a message says. Powertools writes JSON, so a control
character in a hostile key cannot forge a line.

X-Ray has no trace from the schedule to the record: S3 sends no trace header to a queue. So ingestion and curation both
annotate with the key of the raw object, by which the two traces are found together. HTTP APIs have no X-Ray at all.
"""

from __future__ import annotations

import traceback
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.metrics import MetricUnit

from baler.emf import Metric, publish
from baler.lake import metric_names
from baler.lake.raw_key import RAW_KEY_ANNOTATION
from runtime.lake.curation.curator import Outcome
from runtime.lake.curation.message_batch import MessageOutcome

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from runtime.lake.curation.message_batch import MessageReport, ObjectReport

# Service name and level come from the POWERTOOLS_* variables that the program sets.
logger = Logger()
tracer = Tracer()

# Of a hostile key.
_KEY_CHARACTERS: Final = 512


@contextmanager
def traced(key: str) -> Generator[None]:
    """Trace what is done with a raw object, found by its key."""
    provider: Any = tracer.provider
    with provider.in_subsegment("## raw object"):
        tracer.put_annotation(RAW_KEY_ANNOTATION, key[:_KEY_CHARACTERS])
        yield


def warn(what: str, reason: str) -> None:
    """Log what a queue did not do that does no harm."""
    logger.warning("a queue did not do what only saves time", what=what, reason=reason)


def report_batch(messages: Sequence[MessageReport], stay: Mapping[str, str], stack: str, now: float) -> None:
    """Log and count what became of a batch of messages.

    Args:
        messages: of the batch.
        stay: why messages stay in the queue, by their ids.
        stack: a dimension of every metric.
        now: seconds since the epoch.
    """
    objects = [each for message in messages for each in message.objects]
    dimensions = {metric_names.STACK: stack}
    publish(
        metric_names.NAMESPACE,
        [*_of_messages(messages, now), *_of_records(_Records.of(objects)), _of_latency(objects)],
        dimensions,
    )
    by_source: dict[str, list[ObjectReport]] = {}
    for each in objects:
        if each.name is not None:
            by_source.setdefault(each.name.source, []).append(each)
    for source, found in sorted(by_source.items()):
        publish(metric_names.NAMESPACE, _of_records(_Records.of(found)), {**dimensions, metric_names.SOURCE: source})
    reasons = Counter(reason for each in messages if (reason := _error_of(each)))
    for reason, count in sorted(reasons.items()):
        publish(
            metric_names.NAMESPACE,
            [Metric(metric_names.PROCESSING_ERRORS, MetricUnit.Count, [count])],
            {**dimensions, metric_names.REASON: reason},
        )
    for message in messages:
        _log(message)
    for message_id, reason in stay.items():
        logger.warning("a message stays in the queue", message_id=message_id, reason=reason)


@dataclass(frozen=True, slots=True)
class _Records:
    """What was done with the records of raw objects, and how many of these are done."""

    curated: int
    inserted: int
    replaced: int
    set_aside: int

    @classmethod
    def of(cls, objects: Sequence[ObjectReport]) -> _Records:
        """Add it up; also of an object of which not all was done."""
        tallies = [each.report.tally for each in objects if each.report.tally is not None]
        return cls(
            curated=sum(each.report.outcome is Outcome.CURATED for each in objects),
            inserted=sum(each.inserted for each in tallies),
            replaced=sum(each.replaced for each in tallies),
            set_aside=sum(each.report.set_aside for each in objects),
        )


def _of_records(records: _Records) -> list[Metric]:
    """Published with every batch: alarms must see a 0 to know that nothing is wrong."""
    counted = {
        metric_names.RAW_OBJECTS_CURATED: records.curated,
        metric_names.RECORDS_PROCESSED: records.inserted + records.replaced,
        metric_names.RECORDS_NEW: records.inserted,
        metric_names.RECORDS_REPLACED: records.replaced,
        metric_names.RECORDS_SET_ASIDE: records.set_aside,
    }
    return [Metric(name, MetricUnit.Count, [count]) for name, count in counted.items()]


def _of_messages(messages: Sequence[MessageReport], now: float) -> list[Metric]:
    outcomes = Counter(each.outcome for each in messages)
    counted = {
        metric_names.MESSAGES_PROCESSED: len(messages) - outcomes[MessageOutcome.POSTPONED],
        metric_names.MESSAGES_POSTPONED: outcomes[MessageOutcome.POSTPONED],
        metric_names.PROCESSING_ERRORS: sum(1 for each in messages if _error_of(each)),
    }
    left = [
        now - each.announced.put_at
        for message in messages
        if message.outcome is not MessageOutcome.DONE and not message.is_last
        for each in message.objects
        if each.report.outcome is not Outcome.CURATED
    ]
    return [
        *(Metric(name, MetricUnit.Count, [count]) for name, count in counted.items()),
        Metric(metric_names.OLDEST_LEFT_AGE, MetricUnit.Seconds, [round(max([0.0, *left]), 3)]),
    ]


def _of_latency(objects: Sequence[ObjectReport]) -> Metric:
    """A value for each raw object whose records were written in their time; clocks may be ahead of ours."""
    values = [
        round(max(each.ended_at - each.name.captured_at.timestamp(), 0.0) * 1000)
        for each in objects
        if each.name is not None
        and each.report.outcome is Outcome.CURATED
        and each.report.tally is not None
        and not each.announced.again
    ]
    return Metric(metric_names.CURATION_LATENCY, MetricUnit.Milliseconds, values)


def _error_of(report: MessageReport) -> str:
    """Return why a message was not curated in this try, in a word; "" where it was, or was not tried."""
    if report.outcome is MessageOutcome.UNAVAILABLE:
        return metric_names.UNAVAILABLE
    return "" if report.refusal is None else report.refusal.value


def _log(report: MessageReport) -> None:
    for each in report.objects:
        if each.error is not None:
            # Its kind and where it was, not its words: they may quote what a source sent.
            logger.error(
                "an error that nobody foresaw",
                key=each.announced.key[:_KEY_CHARACTERS],
                error=type(each.error).__name__,
                frames=traceback.format_tb(each.error.__traceback__),
            )
        _log_object(each)
    if report.outcome is not MessageOutcome.DONE:
        logger.warning(
            "a message is not done",
            message_id=report.message.message_id,
            outcome=report.outcome.value,
            reason=report.reason,
            refusal=None if report.refusal is None else report.refusal.value,
            tries=report.message.tries + (report.outcome is MessageOutcome.FAILED),
            dead=report.is_last,
        )


def _log_object(each: ObjectReport) -> None:
    tally = each.report.tally
    log = logger.info if each.report.outcome is Outcome.CURATED else logger.warning
    log(
        "took a raw object",
        key=each.announced.key[:_KEY_CHARACTERS],
        outcome=each.report.outcome.value,
        reason=each.report.reason,
        set_aside=each.report.set_aside,
        **({} if tally is None else {name: getattr(tally, name) for name in tally.__slots__}),
    )
