"""What the transformer reports about itself: one logger, one tracer, and the metrics of each batch of messages (EMF).

Keys, counts and reasons are reported, never the content of an object or of a message. Powertools writes JSON, so a
control character in a hostile key cannot forge a line.
"""

from __future__ import annotations

import traceback
from collections import Counter
from typing import TYPE_CHECKING, Final

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.metrics import MetricUnit

from baler.emf import Metric, publish
from baler.events import metric_names
from runtime.events.transformer.transformer import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runtime.events.transformer.message_batch import ObjectReport

# Service name and level come from the POWERTOOLS_* variables that the program sets.
logger = Logger()
tracer = Tracer()

# Of a hostile key.
_KEY_CHARACTERS: Final = 512


def report_objects(objects: Sequence[ObjectReport], stay: Mapping[str, str], stack: str, now: float) -> None:
    """Log and count what became of the objects that a batch of messages announces.

    Args:
        objects: of the batch.
        stay: why messages stay in the queue, by their ids.
        stack: a dimension of every metric.
        now: seconds since the epoch.
    """
    publish(
        metric_names.NAMESPACE,
        [*_of_outcomes(objects), *_of_latency(objects), _of_age(objects, stay, now)],
        {metric_names.STACK: stack},
    )
    refusals = Counter(each.report.refusal for each in objects if each.report.refusal is not None)
    for refusal, count in sorted(refusals.items()):
        publish(
            metric_names.NAMESPACE,
            [Metric(metric_names.REFUSED, MetricUnit.Count, [count])],
            {metric_names.STACK: stack, metric_names.REASON: refusal.value},
        )
    for each in objects:
        _log(each)
    for message_id, reason in stay.items():
        logger.warning("a message stays in the queue", message_id=message_id, reason=reason)


def _of_outcomes(objects: Sequence[ObjectReport]) -> list[Metric]:
    """Published with every batch: alarms must see a 0 to know that nothing is wrong."""
    outcomes = Counter(each.report.outcome for each in objects)
    events = sum(each.report.content.events for each in objects if each.report.content)
    counted = {
        metric_names.PROCESSED: outcomes[Outcome.PROCESSED],
        metric_names.PROCESSED_EVENTS: events,
        metric_names.ORPHANS: outcomes[Outcome.SKIPPED],
        metric_names.NOT_YET: outcomes[Outcome.NOT_YET],
        metric_names.REFUSED: outcomes[Outcome.REFUSED],
        metric_names.UNAVAILABLE: outcomes[Outcome.RETRY],
    }
    return [Metric(name, MetricUnit.Count, [count]) for name, count in counted.items()]


def _of_latency(objects: Sequence[ObjectReport]) -> list[Metric]:
    """A value for each object that was processed in its time; S3's clock and the stream's may be ahead of ours."""
    done = [(each, each.report.content) for each in objects if each.report.content and each.timely]
    return [
        Metric(
            metric_names.TRANSFORM_LATENCY,
            MetricUnit.Seconds,
            [_seconds(each.ended_at - each.put_at) for each, _ in done if each.put_at is not None],
        ),
        Metric(
            metric_names.EVENT_LATENCY,
            MetricUnit.Seconds,
            [_seconds(each.ended_at - content.first_arrived_at) for each, content in done],
        ),
    ]


def _of_age(objects: Sequence[ObjectReport], stay: Mapping[str, str], now: float) -> Metric:
    left = [
        now - each.put_at
        for each in objects
        if each.put_at is not None
        and (each.report.outcome is Outcome.NOT_YET or each.message.message_id in stay)
        and each.report.content is None
    ]
    return Metric(metric_names.OLDEST_LEFT_AGE, MetricUnit.Seconds, [_seconds(max(left, default=0.0))])


def _seconds(value: float) -> float:
    return round(max(value, 0.0), 3)


def _log(each: ObjectReport) -> None:
    if each.error is not None:
        # Its type and where it was, not its message, which might quote what a producer wrote.
        logger.error(
            "an error that nobody expects; the object is tried again",
            key=each.key[:_KEY_CHARACTERS],
            error=type(each.error).__name__,
            frames=traceback.format_tb(each.error.__traceback__),
        )
    if each.report.outcome is not Outcome.PROCESSED:
        logger.warning(
            "did not process an object",
            key=each.key[:_KEY_CHARACTERS],
            outcome=each.report.outcome.value,
            reason=each.report.reason,
        )
