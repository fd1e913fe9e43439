"""What was aimed at, and what was measured. A target that is missed is reported; nothing fails by it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from benchmarks import consumer, records
from benchmarks.bundling import GZIP_6
from benchmarks.bundling import OURS as BUNDLER
from benchmarks.deliveries import HTTP, LARGE, PYCURL, S3, SMALL
from benchmarks.end_to_end import CLAIMING, OURS, S3_TAR
from benchmarks.spread import ratio
from benchmarks.stage import FAST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchmarks.results import Results
    from benchmarks.spread import Spread


@dataclass(frozen=True)
class PerformanceTarget:
    """A number that is to be at least, or at most, another."""

    what: str
    bound: Literal["at least", "at most"]
    aim: float
    measured: float
    unit: str = ""

    @property
    def is_met(self) -> bool:
        """Whether it was reached in this run."""
        return self.measured >= self.aim if self.bound == "at least" else self.measured <= self.aim

    def to_json(self) -> dict[str, object]:
        """Return the fields, and whether it was reached."""
        return {**asdict(self), "is_met": self.is_met}


def targets(results: Results) -> list[PerformanceTarget]:
    """Return every target with what was measured for it."""
    at_20_kb, ends = results.bundling[20_000], results.end_to_end[FAST].contestants
    speed = ratio(at_20_kb[BUNDLER].speed, at_20_kb[GZIP_6].speed).median
    sent = results.deliveries
    beside_pycurl = ratio(sent[LARGE][PYCURL].rate, sent[LARGE][HTTP].rate).median
    with_claim = ratio(ends[CLAIMING].rate, ends[S3_TAR].rate).median
    return [
        PerformanceTarget("bundling files of 20 KB, speed beside tar | gzip -6", "at least", 6, speed, "x"),
        PerformanceTarget(
            "its bundle's size beside it", "at most", 1.15, at_20_kb[BUNDLER].size / at_20_kb[GZIP_6].size, "x"
        ),
        PerformanceTarget("files/s beside s3-tar, with claims, fast floor", "at least", 10, with_claim, "x"),
        PerformanceTarget("CPU a file, with claims, fast floor", "at most", 0.75, ends[CLAIMING].cpu.median, "ms"),
        PerformanceTarget("CPU a file, without, fast floor", "at most", 0.5, ends[OURS].cpu.median, "ms"),
        PerformanceTarget("GetObject calls a file", "at most", 1, results.calls.gets),
        PerformanceTarget("DynamoDB write units a file", "at most", 1.03, results.calls.write_units),
        PerformanceTarget("other calls a file", "at most", 0.05, results.calls.others),
        PerformanceTarget("cold start of the handler module", "at most", 0.6, results.cold_start.seconds.median, "s"),
        PerformanceTarget(
            "resident memory after 100 batches beside that after 5", "at most", 1.1, results.memory.growth, "x"
        ),
        PerformanceTarget("peak for 100 files of 50 MB", "at most", 512, results.memory.large_peak / 2**20, "MiB"),
        *_of_records(results.records),
        PerformanceTarget(
            "the consumer, files of 2 KB", "at least", 1500, results.consumer[consumer.OURS].rate.median, "files/s"
        ),
        PerformanceTarget(
            "its time for a day of 10 files/s", "at most", 15, results.consumer[consumer.OURS].day_minutes, "min"
        ),
        PerformanceTarget("posting 100 MB, time beside pycurl", "at most", 1.3, beside_pycurl, "x"),
        *(
            PerformanceTarget(
                f"peak after bundles of 100 MB beside that after 1 MB, {name}",
                "at most",
                1.1,
                sent[LARGE][name].peak / sent[SMALL][name].peak,
                "x",
            )
            for name in (HTTP, S3)
        ),
    ]


def _of_records(measured: Mapping[str, Spread]) -> Iterator[PerformanceTarget]:
    for ours, plain in ((records.PROCESSOR, records.PLAIN_PROCESSOR), (records.TRANSFORMER, records.PLAIN_TRANSFORMER)):
        aim = records.MICROSECONDS_AT_MOST[ours]
        yield PerformanceTarget(f"CPU a record, {ours}", "at most", aim, measured[ours].median, "us")
        beside = ratio(measured[ours], measured[plain]).median
        yield PerformanceTarget(f"CPU a record, {ours}, beside a plain handler", "at most", 1, beside, "x")
