"""What `baler cost` prints of the event stream for people, beside the lines of its bill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler.commands.cost.report import EstimateCheck

if TYPE_CHECKING:
    from baler.commands.cost.events.estimate import EventComparison
    from baler.commands.cost.events.monthly import EventMonth


def event_title(stack: str, month: EventMonth) -> str:
    """Return what the bill is of."""
    traffic = month.traffic
    return (
        f"A month of {stack}: {traffic.profile.events_per_second:g} events/s of {traffic.profile.event_bytes:,.0f} "
        f"bytes, {traffic.batch_records:.0f} a batch, {traffic.object_events:.0f} an object"
    )


def event_check(compared: EventComparison) -> EstimateCheck:
    """Return a table of the document beside ours, in dollars."""
    estimate = compared.estimate
    load = f"{estimate.events_per_second:g} events/s, {estimate.shards} shards, {estimate.months:g} months"
    return EstimateCheck(
        f"The estimate of requirement document 5, {estimate.name} ({load}), $ a month",
        [*compared.lines, compared.total],
    )
