"""The alarms of a stack, and which of them are on."""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING, Any

from baler.commands.status.health import AlarmState, Unanswered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def alarms_of(cloudwatch: Any, stack: str, *, but: tuple[str, ...] = ()) -> tuple[AlarmState, ...] | Unanswered:
    """Return the alarms of a stack.

    Args:
        cloudwatch: boto3's client.
        stack: its name.
        but: what the names begin with of those that are left out.
    """
    found = tuple(_of_stack(cloudwatch, stack))
    if not found:
        # Nobody's alarms would all be off.
        return Unanswered(f"there are no alarms of a stack {stack!r} in this region: check --stack")
    return tuple(alarm for alarm in found if not alarm.name.startswith(but))


def _of_stack(cloudwatch: Any, stack: str) -> Iterator[AlarmState]:
    prefix = f"baler-{stack}-"
    # `baler-prod-...` is also how alarms of a stack `prod-eu` begin; their topic tells them apart.
    topic = re.compile(rf"arn:[^:]+:sns:.*:{re.escape(prefix)}alarms-[0-9a-z]+")
    pages = cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=prefix, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    for page in pages:
        for alarm in (*page.get("MetricAlarms", ()), *page.get("CompositeAlarms", ())):
            if any(topic.fullmatch(action) for action in alarm.get("AlarmActions", ())):
                yield _alarm(alarm, prefix)


def _alarm(described: Mapping[str, Any], prefix: str) -> AlarmState:
    return AlarmState(
        name=described["AlarmName"].removeprefix(prefix),
        state=described["StateValue"],
        since=described["StateUpdatedTimestamp"].astimezone(UTC),
        description=described.get("AlarmDescription", ""),
    )
