"""Writes docs/alarms.md."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from metric_rules.causes import CAUSES, CAUSES_OF_PUSH
from metric_rules.cloudwatch import ARRIVAL_SECONDS
from metric_rules.lake_causes import CAUSES_OF_LAKE
from metric_rules.outage import RATE, Fired, fired
from metric_rules.stream_causes import CAUSES_OF_STREAM
from sandbox.engine.program import PROJECT_DIR

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from harness.recorded_program import Deployed

    from metric_rules.causes import Cause
    from metric_rules.lake_causes import LakeCause
    from metric_rules.stream_causes import StreamCause

PAGE: Final = PROJECT_DIR / "docs" / "alarms.md"

BEGINNINGS: Final = (0, 59)
"""Seconds into a minute at which a cause begins: the worst of them counts."""

_HEAD: Final = f"""\
# Which alarm fires when

Something goes wrong while {RATE:g} files a second come in: which alarms of the program (stack `prod`, as it is in the
repository) fire, and after how many minutes. **Bold** ones page, through `pipeline-unhealthy`. Somebody is paged within
5 minutes of whatever stops delivery inside AWS; a consumer or receiver that is down or slow has the hour of requirement
documents 1 and 2, and a receiver that takes nothing at all is noticed much earlier.

The times are measured neither on AWS nor on an emulator, which has other rules. They come from a model of what SQS,
Lambda and CloudWatch publish and how alarms are evaluated (`tests/metric_rules/`), over the alarms that the program
declares and the metrics that the functions publish. Data take {ARRIVAL_SECONDS} s to arrive and be
evaluated. Each cause begins at the start and at the end of a minute; the longer time counts, rounded up to minutes.
Alarms that do not page are left out after the first 8 minutes.

This page is generated: `make docs`.

| what goes wrong | must page within | pages after | alarms, and the minutes after which they fire |
| --- | ---: | ---: | --- |
"""

_PUSHED: Final = """
## Where the courier pushes

The same of a stack whose `baler:filesDelivery` is `http`, with the defaults of its settings: what is wrong with the
receiver or the courier. Whatever stops files before the mailbox is as above.

| what goes wrong | must page within | pages after | alarms, and the minutes after which they fire |
| --- | ---: | ---: | --- |
"""

_STREAM: Final = f"""
## The event stream

The same of a stack with the pipeline `events` alone, which expects the {RATE:g} events a second that come. Somebody is
paged within 10 minutes of whatever stops events on their way into the processed store, and within 25 where that is one
shard of several. What keeps them from the table alone, and what can never be an event, pages nobody. How long Lambda
pauses between two tries of a batch is AWS's own: here the pauses double, from a second up to a minute.

| what goes wrong | must page within | pages after | alarms, and the minutes after which they fire |
| --- | ---: | ---: | --- |
"""

_LAKE: Final = """
## The lake

The same of a stack with the pipeline `lake` alone, with the sources that are shipped and the default schedule of 5
minutes. Nothing that has been fetched is lost by any of these; alarms that do not page are watched for during 20
minutes.

| what goes wrong | must page within | pages after | alarms, and the minutes after which they fire |
| --- | ---: | ---: | --- |
"""

_TAIL: Final = """
## What AWS's own metrics do not show

- `ApproximateAgeOfOldestMessage` leaves out what was received three times, and a message that backs off counts as in
  flight: a queue of which everything fails looks young and empty. So batches publish `OldestLeftAge`, and the monitor
  publishes `QueueMessages`.
- `Errors` and `Duration` are of runs. A function that is not invoked, or that gives its messages back, has no error.
- A percentile of `Latency` or `DeliveryLatency` has no data where nothing is delivered.
- A courier that waits for its receiver has no error, and its runs are as short as those of one that has nothing to do.
  So each run publishes how the breaker stands, for how long and for which cause, and the monitor counts what waits and
  what was set aside.
- Nothing shows that a bucket's events go elsewhere, or that a mapping is disabled while no file comes. So the monitor
  reads both each minute: `NotFed` and `NotConsumed`, by reason.
- CloudWatch ignores missing data of DynamoDB's metrics, whatever an alarm says: `files-claims-...-throttles`,
  `events-progress-...-throttles`, `events-batches-...-throttles` and those of the lake's three tables stay on until
  somebody sets them to OK.
- An alarm that counts missing data as breaching looks two periods further back than it evaluates, and waits while it
  finds a good one there: `lake-schedule-silent` says three intervals of the schedule, and fires after five.
- `IteratorAge` of a stream is published when a batch ends, so a shard that is stuck has none. So each attempt publishes
  `BatchAge`, by shard `Lag`; and where no attempt gets that far, two metrics are compared: what came, and what was
  committed. The same comparison finds a bucket that announces nothing, since no queue and no function shows it.
- `Errors` of one shard disappear among the runs of the others: errors in each of four periods of 5 minutes page.
"""


def observe(deployed: Deployed, cause: Cause | StreamCause | LakeCause) -> list[Fired]:
    """Return the alarms that fire because of a cause, each with its longest time of all beginnings."""
    latest: dict[str, Fired] = {}
    for second in BEGINNINGS:
        for each in fired(deployed, cause, begins_after=second):
            if each.name not in latest or each.minutes > latest[each.name].minutes:
                latest[each.name] = each
    return sorted(latest.values(), key=lambda each: (each.minutes, each.name))


def minutes_to_page(found: Iterable[Fired]) -> float:
    """Return after how many minutes somebody is paged; infinity where nobody is."""
    return min((each.minutes for each in found if each.pages), default=math.inf)


def render(observed: Mapping[str, Sequence[Fired]]) -> str:
    """Return the page; `observed` has the alarms of each cause by its name."""
    parts = ((_HEAD, CAUSES), (_PUSHED, CAUSES_OF_PUSH), (_STREAM, CAUSES_OF_STREAM), (_LAKE, CAUSES_OF_LAKE))
    return "".join(text + _lines(causes, observed) for text, causes in parts) + _TAIL


def _lines(causes: Sequence[Cause | StreamCause | LakeCause], observed: Mapping[str, Sequence[Fired]]) -> str:
    return "".join(_line(cause, observed[cause.name]) for cause in causes)


def _line(cause: Cause | StreamCause | LakeCause, found: Sequence[Fired]) -> str:
    alarms = ", ".join(
        f"**`{each.name}`** {math.ceil(each.minutes)}" if each.pages else f"`{each.name}` {math.ceil(each.minutes)}"
        for each in found
    )
    paged = minutes_to_page(found)
    promised, kept = ("never" if each is None else f"{each} min" for each in (cause.minutes, _whole(paged)))
    return f"| {cause.name} | {promised} | {kept} | {alarms} |\n"


def _whole(minutes: float) -> int | None:
    return None if math.isinf(minutes) else math.ceil(minutes)
