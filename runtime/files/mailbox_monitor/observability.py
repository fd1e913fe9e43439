"""What an inspection of the path is in metrics: a gauge for each kind of fault, and a value for each reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aws_lambda_powertools.metrics import MetricUnit

from baler.emf import Metric, publish
from baler.files import metric_names
from baler.files.path_fault import GAUGE
from runtime.files.mailbox_monitor.path import Part

if TYPE_CHECKING:
    from runtime.files.mailbox_monitor.path import Inspection

_READ: Final = {
    metric_names.NOT_FED: {Part.NOTIFICATION, Part.QUEUE},
    metric_names.NOT_CONSUMED: {Part.MAPPING},
    metric_names.NO_REDRIVE: {Part.QUEUE},
}
"""For each gauge the parts that must have been read to know that nothing is wrong."""


def publish_inspection(found: Inspection, stack: str) -> None:
    """Publish an inspection of a stack. A gauge that is neither 0 nor 1 for certain is left out."""
    gauges = [Metric(metric_names.UNREAD, MetricUnit.Count, [len(found.unread)])]
    if found.messages is not None:
        gauges.append(Metric(metric_names.QUEUE_MESSAGES, MetricUnit.Count, [found.messages]))
    reasons = [(metric_names.UNREAD, str(part)) for part in found.unread]
    for name, parts in _READ.items():
        wrong = [fault for fault in found.faults if GAUGE[fault] == name]
        if wrong or not parts.intersection(found.unread):
            gauges.append(Metric(name, MetricUnit.Count, [int(bool(wrong))]))
        reasons += [(name, str(fault)) for fault in wrong]
    publish(metric_names.NAMESPACE, gauges, {metric_names.STACK: stack})
    for name, reason in reasons:
        publish(
            metric_names.NAMESPACE,
            [Metric(name, MetricUnit.Count, [1])],
            {metric_names.STACK: stack, metric_names.REASON: reason},
        )
