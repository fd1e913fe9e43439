"""What a run of the lake's load comes to."""

from __future__ import annotations

import pytest

from loadtest.lake.reading import Asked, read_on_schedule
from loadtest.lake.verdict import LakeLoad, document, judge, lines
from loadtest.shapes import LAKE_SHAPES, Phase, Shape
from loadtest.slo_result import Result

SHAPE = Shape("lake-read", (Phase(10, 10),))


def asked(count: int = 100, *, late: float = 0.0, seconds: float = 0.05, status: int = 200) -> list[Asked]:
    return [Asked(("/records", "/analytics")[number % 2], late, seconds, status) for number in range(count)]


def test_a_load_that_is_answered_in_time_meets_the_objective() -> None:
    assert judge(LakeLoad(SHAPE, asked(), 10_000, 40.0)) == (Result.MET, [])


@pytest.mark.parametrize(
    ("load", "result", "reason"),
    [
        (LakeLoad(SHAPE, [*asked(99), *asked(1, status=500)], 10, 1.0), Result.MISSED, "1 requests were not answered"),
        (LakeLoad(SHAPE, [*asked(99), *asked(1, status=0)], 10, 1.0), Result.MISSED, "1 requests were not answered"),
        (LakeLoad(SHAPE, [*asked(97), *asked(3, seconds=2.0)], 10, 1.0), Result.MISSED, "p99 of the API is 2.00 s"),
        (LakeLoad(SHAPE, asked(), 10, None), Result.MISSED, "10 records were never all counted"),
        (LakeLoad(SHAPE, asked(late=2.0), 10, 1.0), Result.INCONCLUSIVE, "0 of 100 requests were sent in time"),
        (LakeLoad(SHAPE, asked(late=2.0, seconds=2.0), 10, 1.0), Result.INCONCLUSIVE, "the load was not held"),
    ],
)
def test_what_is_missed_or_in_doubt_is_named(load: LakeLoad, result: Result, reason: str) -> None:
    found, reasons = judge(load)
    assert found is result
    assert any(reason in each for each in reasons)


def test_the_summary_says_latency_by_path_and_the_rate_of_curation() -> None:
    summary = document(LakeLoad(SHAPE, asked(), 10_100, 50.5))
    assert summary["latency_milliseconds"]["/analytics"] == {"p50": 50.0, "p99": 50.0}
    assert summary["curation"] == {"records": 10_100, "seconds": 50.5, "records_per_second": 200.0}
    text = "\n".join(lines(summary))
    assert "200 records/s" in text
    assert "p50 50 ms   p99 50 ms" in text
    assert "met" in text


def test_a_server_that_is_not_there_is_no_answer() -> None:
    found = read_on_schedule("http://127.0.0.1:9", ["x"], Shape("s", (Phase(0.2, 20),)))
    assert [each.status for each in found] == [0, 0, 0, 0]


def test_shapes_of_the_lake_are_its_own() -> None:
    assert set(LAKE_SHAPES) == {"lake-read", "lake-steady"}
