"""The estimates of requirement document 5, "Cost Breakdown", line by line, beside ours for what they describe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.commands.cost.estimate import ComparedLine, EstimateLine
from baler.commands.cost.events.monthly import monthly_event_bill
from baler.commands.cost.events.part import EventBillPart
from baler.commands.cost.events.traffic import EventProfile

if TYPE_CHECKING:
    from baler.commands.cost.events.settings import EventStackSettings
    from baler.commands.cost.figures import Figures

_EVENT_BYTES: Final = 165.0
_PARTS: Final = {
    "Kinesis": (EventBillPart.STREAM,),
    "Lambda": (EventBillPart.FUNCTIONS,),
    "S3": (EventBillPart.RAW, EventBillPart.PROCESSED, EventBillPart.TABLE),
    "DynamoDB": (EventBillPart.TABLES,),
    "CloudWatch": (EventBillPart.WATCHING,),
    "SQS": (EventBillPart.QUEUES,),
}
_REASONS: Final = {
    "Kinesis": "The shards are right; each record put, the key and its calls are missing.",
    "Lambda": "Per invocation it is generous: a run of the processor takes a fifth of a second. What compacts is ours.",
    "S3": "Storage alone. Every window of every shard makes an object of each type, which is put twice, read twice and "
    "kept raw, processed and in the table: requests are most of the bill, and its Glacier rule moves nothing, since "
    "objects of some kilobytes cost more there than in Standard.",
    "DynamoDB": "A report of each batch. Exactly once takes a transaction a batch and a note an object.",
    "CloudWatch": "Those metrics of each shard that it asks for are $2.10 a shard; our own, alarms and traces come "
    "beside them.",
    "SQS": "Not in it: dead letters alone cost nothing. Here S3 tells the functions by queues, so that an outage loses "
    "nothing, and each object passes two.",
}


@dataclass(frozen=True, slots=True)
class EventEstimate:
    """A table of the document, and the load that its own numbers make.

    Attributes:
        name: as the document calls it.
        shards: that it counts.
        events_per_second: that its invocations of Lambda are about right for: half of them are the processor's, with
            100 records at most. Where it says "low" these are the producer's own 10.
        months: after which about as much is kept as it counts.
        usd: a month, by service.
    """

    name: str
    shards: int
    events_per_second: float
    months: float
    usd: dict[str, float]


DEVELOPMENT: Final = EventEstimate(
    "development", 2, 10.0, 3.0, {"Kinesis": 22, "Lambda": 5, "S3": 5, "DynamoDB": 2, "CloudWatch": 2}
)
PRODUCTION: Final = EventEstimate(
    "production", 8, 200.0, 1.5, {"Kinesis": 88, "Lambda": 20, "S3": 25, "DynamoDB": 10, "CloudWatch": 10}
)
EVENT_ESTIMATES: Final = (DEVELOPMENT, PRODUCTION)


@dataclass(frozen=True, slots=True)
class EventComparison:
    """A table of the document beside our bill, in dollars."""

    estimate: EventEstimate
    lines: tuple[ComparedLine, ...]

    @property
    def total(self) -> ComparedLine:
        """The sum of all lines, as a line."""
        theirs = sum(self.estimate.usd.values())
        line = EstimateLine("Total", theirs, theirs, tuple(EventBillPart), "")
        return ComparedLine(line, sum(one.ours for one in self.lines))


def compare_events(estimate: EventEstimate, settings: EventStackSettings, figures: Figures) -> EventComparison:
    """Put every line of a table beside ours.

    The load, shards, batches, windows and memory are the document's; the network is left out, as it is there. The table
    is committed every five minutes. The rest is as the stack has it.
    """
    described = settings.model_copy(
        update={
            "stream_mode": "provisioned",
            "shards": estimate.shards,
            "retention_hours": 24,
            "batch_size": 100,
            "batching_window_seconds": 5,
            "processor_memory_megabytes": 512,
            "transformer_memory_megabytes": 512,
            "compaction_delay_seconds": 300,
            "private_network": False,
        }
    )
    profile = EventProfile(estimate.events_per_second, _EVENT_BYTES, estimate.months)
    bill = monthly_event_bill(profile, described, figures).bill
    lines = tuple(
        ComparedLine(
            EstimateLine(service, estimate.usd.get(service, 0), estimate.usd.get(service, 0), parts, _REASONS[service]),
            sum(bill.of(part) for part in parts),
        )
        for service, parts in _PARTS.items()
    )
    return EventComparison(estimate, lines)
