"""Lines of the bill for logs, metrics, alarms and traces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from baler.commands.cost.bill import BillPart, Line, line
from baler.commands.cost.courier import runs_of_courier
from baler.commands.cost.storage import MONITOR_SECONDS, lists_of_deliveries, lists_of_monitor
from baler.commands.cost.traffic import DAYS_PER_MONTH, SECONDS_PER_MONTH
from baler.files import metric_names as names
from baler.prices import GIGABYTE

if TYPE_CHECKING:
    from baler.commands.cost.figures import Figures
    from baler.commands.cost.settings import StackSettings
    from baler.commands.cost.traffic import Traffic

# Metrics that are there all the time. A metric is paid by the hour in which it is published: those of what goes wrong
# cost next to nothing.
STEADY_METRICS: Final = (
    *(names.FILES, names.DUPLICATES, names.BUNDLES, names.BYTES_IN, names.BYTES_OUT, names.COMPRESSION_RATIO),
    *(names.EVENT_DELAY, names.QUEUE_WAIT, names.PROCESSING, names.LATENCY),
    *(names.REJECTED, names.OLDEST_LEFT_AGE),
    *(names.MAILBOX_OBJECTS, names.MAILBOX_BYTES, names.MAILBOX_OLDEST_AGE),
    *(names.QUEUE_MESSAGES, names.NOT_FED, names.NOT_CONSUMED, names.NO_REDRIVE, names.UNREAD),
    *(names.ANNOUNCED_AGAIN, names.RECONCILED_AGE),
)
# Of a pushed delivery beside them.
STEADY_METRICS_OF_COURIER: Final = (
    *(names.DELIVERED, names.REFUSED_BUNDLES, names.SEND_FAILED, names.DELIVERY_LATENCY),
    *(names.BREAKER_OPEN, names.BREAKER_OPEN_SECONDS, names.CREDENTIALS_AGE, names.QUARANTINED),
)
# What the program declares; a test compares. An alarm on anomalies watches three metrics: its own and both bounds.
ALARM_METRICS: Final = 27
ALARM_METRICS_OF_COURIER: Final = 10
COMPOSITE_ALARMS: Final = 1
DASHBOARDS: Final = 1
KEYS: Final = 1

# X-Ray developer guide, "Configuring sampling rules": the default rule takes a trace a second, and this of the others.
_SAMPLED_PER_SECOND: Final = 1.0
_SAMPLED_SHARE: Final = 0.05
_FLOW_SECONDS: Final = 600
# A bundle and its index archived; the bundle put into the mailbox, read there and deleted.
_EVENTS_A_BUNDLE: Final = 5
_DIRECTIONS: Final = 2


def watching_lines(traffic: Traffic, settings: StackSettings, figures: Figures) -> list[Line]:
    """Return the lines for CloudWatch and X-Ray."""
    assumed = figures.assumed
    runs = runs_of_courier(traffic, settings)
    invocations = traffic.batches + SECONDS_PER_MONTH / MONITOR_SECONDS + runs
    logged = invocations * assumed.log_bytes_per_batch + traffic.files * assumed.log_bytes_per_file
    flows = _flow_bytes(traffic, settings, figures) if settings.private_network else 0.0
    kept = (logged + flows) * settings.log_retention_days / DAYS_PER_MONTH / GIGABYTE
    per_second = (traffic.batches + runs) / SECONDS_PER_MONTH
    traced = min(per_second, _SAMPLED_PER_SECOND) + _SAMPLED_SHARE * max(0.0, per_second - _SAMPLED_PER_SECOND)
    part = BillPart.WATCHING
    return [
        line(part, "log of the functions", logged / GIGABYTE, "logs_ingested", "bytes of a line are estimated"),
        line(part, "flow log of the network", flows / GIGABYTE, "logs_ingested"),
        line(part, "logs kept", kept, "logs_kept", f"{settings.log_retention_days} days, not compressed"),
        line(part, "metrics", len(STEADY_METRICS) + settings.pushed * len(STEADY_METRICS_OF_COURIER), "metric"),
        line(part, "alarms", ALARM_METRICS + settings.pushed * ALARM_METRICS_OF_COURIER, "alarm"),
        line(part, "composite alarms", COMPOSITE_ALARMS, "composite_alarm"),
        line(part, "dashboards", DASHBOARDS, "dashboard"),
        line(part, "key of the alarms' topic", KEYS, "key", "its requests are too few to count"),
        line(part, "accesses to objects recorded", _recorded(traffic, settings), "trail_event", "who read what"),
        line(part, "traces", traced * SECONDS_PER_MONTH, "trace", "the default sampling: one a second and a twentieth"),
    ]


def _recorded(traffic: Traffic, settings: StackSettings) -> float:
    """Return how many events of objects the program's trail keeps (components/watch/access_trail.py)."""
    if not (settings.protect_data and settings.access_log_days):
        return 0.0
    return _EVENTS_A_BUNDLE * traffic.bundles + lists_of_deliveries(traffic, settings) + lists_of_monitor(traffic)


def _flow_bytes(traffic: Traffic, settings: StackSettings, figures: Figures) -> float:
    assumed = figures.assumed
    environments = max(settings.first_readers, traffic.batches * traffic.batch_seconds / SECONDS_PER_MONTH)
    records = environments * assumed.connections_per_environment * _DIRECTIONS * SECONDS_PER_MONTH / _FLOW_SECONDS
    return records * assumed.flow_record_bytes
