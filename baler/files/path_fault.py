"""What can be wrong with a file's path into the ingest queue and out of it, and the metric that counts it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from baler.files import metric_names


class Fault(StrEnum):
    """What is wrong: the dimension of the metrics, and the word in the logs."""

    NOTIFICATION_REPLACED = "notification_replaced"
    """The landing bucket does not send its events to the queue."""

    NOTIFICATION_NARROWED = "notification_narrowed"
    """It sends some of them only: not every kind of creation, or not every key."""

    QUEUE_MISSING = "queue_missing"
    """There is no ingest queue."""

    QUEUE_POLICY = "queue_policy"
    """The queue's policy does not let the landing bucket send."""

    MAPPING_MISSING = "mapping_missing"
    """There is no event source mapping, or the monitor may not read it any more: Lambda refuses both alike."""

    MAPPING_DISABLED = "mapping_disabled"
    """The mapping is, or is about to be, disabled or deleted."""

    MAPPING_CHANGED = "mapping_changed"
    """It reads another queue, or invokes something else than the alias."""

    REDRIVE_POLICY = "redrive_policy"
    """The queue has no dead-letter queue: a message that kills the function comes back until it expires."""


GAUGE: Final = {
    Fault.NOTIFICATION_REPLACED: metric_names.NOT_FED,
    Fault.NOTIFICATION_NARROWED: metric_names.NOT_FED,
    Fault.QUEUE_MISSING: metric_names.NOT_FED,
    Fault.QUEUE_POLICY: metric_names.NOT_FED,
    Fault.MAPPING_MISSING: metric_names.NOT_CONSUMED,
    Fault.MAPPING_DISABLED: metric_names.NOT_CONSUMED,
    Fault.MAPPING_CHANGED: metric_names.NOT_CONSUMED,
    Fault.REDRIVE_POLICY: metric_names.NO_REDRIVE,
}
"""The metric that counts a fault."""
