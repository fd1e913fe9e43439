"""The estimate of requirement document 4, "Cost Estimation", line by line, beside ours for what it describes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.commands.cost.estimate import ComparedLine, EstimateLine
from baler.commands.cost.lake.monthly import monthly_lake_bill
from baler.commands.cost.lake.part import LakeBillPart
from baler.commands.cost.lake.traffic import LakeProfile

if TYPE_CHECKING:
    from baler.commands.cost.figures import Figures
    from baler.commands.cost.lake.settings import LakeStackSettings

# What it counts: two sources every five minutes, 100,000 writes and 10,000 requests a month, a GB in S3.
_PROFILE: Final = LakeProfile(
    sources=2,
    answer_records=100.0,
    record_bytes=700.0,
    published_share=0.5,
    new_records=11.0,
    requests=10_000.0,
    months=1.5,
)
_LINES: Final = (
    EstimateLine(
        "Lambda (Ingestion)",
        0.20,
        0.20,
        (LakeBillPart.FETCHING,),
        "It counts five seconds a run; sources are mostly faster, and are fetched at the same time.",
    ),
    EstimateLine(
        "Lambda (Processing)",
        0.40,
        0.40,
        (LakeBillPart.CURATION,),
        "It counts ten seconds a run. What is known already is looked up and not written: a fraction of a second.",
    ),
    EstimateLine("Lambda (API)", 0.02, 0.02, (LakeBillPart.ANSWERING,), "A request takes milliseconds."),
    EstimateLine(
        "S3",
        0.05,
        0.05,
        (LakeBillPart.RAW,),
        "Its 10K puts are right, as answers that are the same are not put; its GB is what six weeks keep.",
    ),
    EstimateLine(
        "DynamoDB",
        0.50,
        0.50,
        (LakeBillPart.TABLES,),
        "Its 100K writes and 1M reads. That a record and its count are one transaction doubles the writes.",
    ),
    EstimateLine(
        "SQS",
        0.01,
        0.01,
        (LakeBillPart.QUEUE,),
        "Messages alone. Lambda asks an empty queue all day, which costs more than the messages.",
    ),
    EstimateLine("API Gateway", 0.01, 0.01, (LakeBillPart.API,), "Right."),
    EstimateLine(
        "CloudWatch",
        0,
        0,
        (LakeBillPart.WATCHING,),
        "Not in it: metrics and alarms are among its improvements for the future, and cost more than all else.",
    ),
    EstimateLine("CloudFront", 0, 0, (LakeBillPart.SITE,), "Not in it. The first requests of an account are free."),
)


@dataclass(frozen=True, slots=True)
class LakeComparison:
    """The document's table beside our bill, in dollars."""

    lines: tuple[ComparedLine, ...]

    @property
    def total(self) -> ComparedLine:
        """The sum of all lines, as a line."""
        theirs = sum(one.line.low for one in self.lines)
        line = EstimateLine("Total", theirs, theirs, tuple(LakeBillPart), "")
        return ComparedLine(line, sum(one.ours for one in self.lines))


def compare_lake(settings: LakeStackSettings, figures: Figures) -> LakeComparison:
    """Put every line of the document beside ours: its load, schedule and memory, and the rest as the stack has it."""
    described = settings.model_copy(
        update={
            "schedule_minutes": 5,
            "ingestion_memory_megabytes": 256,
            "curation_memory_megabytes": 256,
            "api_memory_megabytes": 512,
            "keep_versions": False,
        }
    )
    bill = monthly_lake_bill(_PROFILE, described, figures).bill
    return LakeComparison(tuple(ComparedLine(line, sum(bill.of(part) for part in line.parts)) for line in _LINES))
