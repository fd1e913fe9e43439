"""Alarms of a pushed delivery: does the receiver take bundles, does it take our credentials, does the courier work?

They stand in the place of those that name the consumer. What waits is counted by the mailbox monitor, which needs
neither courier nor receiver: an outage shows there too while the breaker is open.
"""

from typing import Final, Literal

import pulumi

from baler.files import metric_names
from components.files import timing
from components.files.alarms.delivery import OBJECTIVES
from components.watch.aws_metrics import metric_of_function
from components.watch.definition import FIVE_MINUTES, Above, Alarm, Below, Metric, OwnMetrics

Cause = Literal["unreachable", "refuses-everything", "credentials"]
"""Why the breaker is open: the values of baler.files.courier.breaker.Cause, which a test compares."""

# The breaker opens and closes by itself around a restart of the receiver. From here on every file is late.
_RECEIVER_DOWN_SECONDS: Final = timing.DELIVERY_OBJECTIVE_SECONDS
# Each run says how the breaker stands: one that finds another at work, too, and one that lasts says so each minute.
_SILENT_MINUTES: Final = 5


def receiver_alarms(own: OwnMetrics, *, credentials_grace_minutes: int, credentials_max_age_days: int) -> list[Alarm]:
    """Return the alarms about the receiver, by why it does not take bundles.

    Args:
        own: the pipeline's metrics.
        credentials_grace_minutes: how long secret and receiver may disagree, as they do while credentials are rotated.
        credentials_max_age_days: how old credentials may be.
    """
    grace_seconds = credentials_grace_minutes * timing.SECONDS_PER_MINUTE
    return [
        Alarm(
            name="receiver-unreachable",
            metric=_open_for(own, "unreachable"),
            when=Above(threshold=_RECEIVER_DOWN_SECONDS),
            breaching=2,
            periods=3,
            # While the breaker is closed, or open for another cause, there is no value.
            missing="notBreaching",
            means=(
                f"The receiver has not answered for more than {_RECEIVER_DOWN_SECONDS} s, or says that it cannot work. "
                "Bundles wait in the mailbox."
            ),
            first="run `baler status` for how long, and see whether the receiver runs and the line to it is up.",
            runbook="receiver-down",
            pages=True,
        ),
        Alarm(
            name="receiver-refuses",
            metric=_open_for(own, "refuses-everything"),
            when=Above(threshold=_RECEIVER_DOWN_SECONDS),
            breaching=2,
            periods=3,
            missing="notBreaching",
            means=(
                f"The receiver has answered every bundle with a refusal for more than {_RECEIVER_DOWN_SECONDS} s. They "
                "wait in the mailbox; no more of them are set aside."
            ),
            first="see in the courier's log what it answers: 404 and 405 mean a wrong address, 422 its own flow.",
            runbook="receiver-down",
            pages=True,
        ),
        Alarm(
            name="credentials-refused",
            metric=_open_for(own, "credentials"),
            when=Above(threshold=grace_seconds),
            breaching=2,
            periods=3,
            missing="notBreaching",
            means=(
                f"For more than {credentials_grace_minutes} minutes the receiver has refused our credentials, or they "
                "could not be used at all. Bundles wait in the mailbox."
            ),
            first="see in the courier's log which: a 401 or 403 is the receiver's word, `unusable` is the secret's.",
            runbook="credentials-refused",
            pages=True,
        ),
        Alarm(
            name="refused-bundles",
            metric=own.metric(metric_names.QUARANTINED, "Maximum"),
            when=Above(threshold=0),
            breaching=2,
            periods=3,
            # The monitor counts them each minute: it stays on until they are sent again, or taken out.
            missing="ignore",
            means="The receiver refused bundles, again and again, while it took others. They were set aside.",
            first="run `baler redeliver --all --dry-run` for the reasons; mend the receiver, then send them again.",
            runbook="refused-bundles",
        ),
        Alarm(
            name="credentials-old",
            # Of the youngest that any execution environment knows: one that is idle has not heard of a rotation yet.
            metric=own.metric(metric_names.CREDENTIALS_AGE, "Minimum", FIVE_MINUTES),
            when=Above(threshold=credentials_max_age_days * timing.SECONDS_PER_DAY),
            breaching=3,
            periods=3,
            missing="ignore",
            means=f"The receiver's credentials are older than {credentials_max_age_days} days, the rotation policy's.",
            first="rotate them by the steps of the page: in that order nothing waits.",
            runbook="credentials-refused",
        ),
    ]


def courier_alarms(own: OwnMetrics, courier: pulumi.Input[str]) -> list[Alarm]:
    """Return the alarms about the courier itself, given its function's name."""
    return [
        Alarm(
            name="courier-errors",
            metric=metric_of_function(courier, "Errors", "Sum"),
            when=Above(threshold=0),
            breaching=2,
            periods=3,
            missing="notBreaching",
            means="The courier crashes, or cannot use its table or the mailbox. Bundles wait; none is lost.",
            first="read its log; after a deployment, point the alias `live` at the version before.",
            runbook="courier-broken",
            pages=True,
            rolls_back=True,
        ),
        Alarm(
            name="courier-throttles",
            metric=metric_of_function(courier, "Throttles", "Sum"),
            when=Above(threshold=0),
            breaching=2,
            periods=3,
            missing="notBreaching",
            means="Lambda refuses to start the courier: the account's concurrency is used up.",
            first="see which function of the account uses it.",
            runbook="throttled",
        ),
        Alarm(
            name="courier-silent",
            metric=own.metric(metric_names.BREAKER_OPEN, "SampleCount"),
            when=Below(threshold=1),
            breaching=_SILENT_MINUTES,
            periods=_SILENT_MINUTES,
            # The very thing that it is for: nobody delivers, and nobody says so.
            missing="breaching",
            means=f"The courier has been silent for {_SILENT_MINUTES} minutes; a rule starts it each minute.",
            first="see whether files-courier-errors is on too, and whether the rule is enabled.",
            runbook="courier-broken",
            pages=True,
        ),
    ]


def acknowledgement_alarms(own: OwnMetrics) -> list[Alarm]:
    """Return an alarm for each percentile of the delivery objective, up to the receiver's acknowledgement."""
    return [
        Alarm(
            name=f"delivery-{percentile}",
            metric=own.metric(metric_names.DELIVERY_LATENCY, percentile, FIVE_MINUTES),
            when=Above(threshold=objective),
            breaching=2,
            periods=3,
            # Nothing was delivered, so nothing was late. What waits is the mailbox's alarm.
            missing="notBreaching",
            means=(
                f"The slowest {100 - float(percentile[1:]):g}% of bundles took more than {objective} s from the "
                "landing of their oldest file to the receiver's acknowledgement."
            ),
            first="see whether files-latency is on too; if not, the receiver is slow, or was away.",
            runbook="slow",
            rolls_back=True,
        )
        for percentile, objective in OBJECTIVES
    ]


def undelivered_alarms(own: OwnMetrics, *, wait_seconds: int, bundles_per_hour: int) -> list[Alarm]:
    """Return the alarms about bundles that wait for the courier.

    Args:
        own: the pipeline's metrics.
        wait_seconds: longest that a bundle may wait before the receiver counts as down.
        bundles_per_hour: what the expected load brings; more that wait are too many.
    """
    return [
        Alarm(
            name="mailbox-age",
            metric=own.metric(metric_names.MAILBOX_OLDEST_AGE, "Maximum"),
            when=Above(threshold=wait_seconds),
            breaching=2,
            periods=3,
            missing="ignore",
            means=(
                f"A bundle has waited for more than {wait_seconds} s in the mailbox: the courier cannot get it to the "
                "receiver."
            ),
            first="run `baler status` for the breaker's state. Nothing is lost: bundles wait as long as it takes.",
            runbook="receiver-down",
            pages=True,
        ),
        Alarm(
            name="mailbox-count",
            metric=own.metric(metric_names.MAILBOX_OBJECTS, "Maximum"),
            when=Above(threshold=bundles_per_hour),
            breaching=2,
            periods=3,
            missing="ignore",
            means=(
                f"More than {bundles_per_hour} bundles wait in the mailbox, an hour's worth: the receiver is down, or "
                "takes them too slowly from the courier."
            ),
            first="run `baler status` for the breaker's state; while it is closed, see the courier's pace in its log.",
            runbook="receiver-down",
        ),
    ]


def _open_for(own: OwnMetrics, cause: Cause) -> Metric:
    """Return how long the breaker has been open, where that is for this cause."""
    return Metric(
        namespace=own.namespace,
        name=metric_names.BREAKER_OPEN_SECONDS,
        dimensions={**own.dimensions, metric_names.REASON: cause},
        statistic="Maximum",
    )
