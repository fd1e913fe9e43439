"""A bucket's events: their keys as AWS writes them, each with its place among those of its key, late and perhaps twice.

"Amazon S3 event notifications are designed to be delivered at least once. Typically, event notifications are delivered
in seconds but can sometimes take a minute or longer", and in no order:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
"The object key name value is URL encoded. For example, "red flower.jpg" becomes "red+flower.jpg"", and the sequencer is
a hexadecimal value that is greater for the later event of the same key:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
LocalStack writes a space as `%20`, and one sequencer for all.
"""

from __future__ import annotations

import itertools
import time
from functools import wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, unquote

from baler_wire.current import in_force
from localstack.runtime import hooks

from baler_delivery.later import later

if TYPE_CHECKING:
    from collections.abc import Callable

    from localstack.services.s3.notifications import S3EventNotificationContext

_SERVICE = "s3"
_SEQUENCER_DIGITS = 18
# Greater than those of an earlier LocalStack, whose buckets are gone.
_numbers = itertools.count(time.time_ns())


@hooks.on_infra_start()
def deliver_events_as_s3_does() -> None:
    """Write events as AWS does, and let them be on their way as long as the profile says."""
    from localstack.services.s3.notifications import BaseNotifier, NotificationDispatcher  # noqa: PLC0415 - when it may be

    BaseNotifier._get_event_payload = staticmethod(_as_aws_writes(BaseNotifier._get_event_payload))  # noqa: SLF001
    NotificationDispatcher._submit_notification = _on_its_way(NotificationDispatcher._submit_notification)  # noqa: SLF001


def encoded_key(key: str) -> str:
    """Return a key as an event says it."""
    return quote_plus(key, safe="/")


def _as_aws_writes(payload: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(payload)
    def written(context: S3EventNotificationContext, config_id: str) -> Any:
        notification = payload(context, config_id)
        for record in notification["Records"]:
            about = record["s3"]["object"]
            about["key"] = encoded_key(unquote(context.key_name))
            if "sequencer" in about:
                about["sequencer"] = _sequencer_of(context)
        return notification

    return written


def _sequencer_of(context: Any) -> str:
    """Return the event's; an event that comes twice has one."""
    if not hasattr(context, "sequencer"):
        context.sequencer = f"{next(_numbers):0{_SEQUENCER_DIGITS}X}"
    return context.sequencer


def _on_its_way(submit: Callable[..., None]) -> Callable[..., None]:
    @wraps(submit)
    def submitted(dispatcher: Any, notifier: Any, context: Any, config: Any) -> None:
        _sequencer_of(context)  # by the order of the puts, not of the deliveries
        wire = in_force()
        events = wire.profile.events
        for _ in range(2 if wire.happens(_SERVICE, "event-twice", events.twice) else 1):
            if events.delay is None:
                submit(dispatcher, notifier, context, config)
            else:
                wire.counts.fault(_SERVICE, "event-delayed")
                seconds = wire.dice.milliseconds("delay of an event", events.delay) / 1000
                later(seconds, lambda: notifier.notify(context, config))

    return submitted
