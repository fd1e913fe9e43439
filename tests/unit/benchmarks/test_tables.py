"""What people and programs get to read of a run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rich.console import Console

from benchmarks import bundling, consumer, deliveries, end_to_end, records, stage
from benchmarks.bundling import Bundled
from benchmarks.calls import Calls
from benchmarks.cold_start import ColdStart, slowest
from benchmarks.consumer import Received
from benchmarks.deliveries import Delivered
from benchmarks.end_to_end import Ended, Handled
from benchmarks.figures import draw
from benchmarks.floor import ceilings
from benchmarks.growth import Cost, Growth
from benchmarks.memory import LATE, Memory
from benchmarks.power import Powered
from benchmarks.results import Results
from benchmarks.spread import Spread
from benchmarks.tables import tables
from benchmarks.targets import PerformanceTarget, targets

if TYPE_CHECKING:
    from pathlib import Path

SLOW = Handled(rate=Spread((60.0, 50.0)), cpu=Spread((6.0, 5.0)))
FAST = Handled(rate=Spread((660.0, 550.0)), cpu=Spread((0.5, 0.4)))
COSTS = {0: Cost(Spread((2.0,)), Spread((1.0,))), 1000: Cost(Spread((3.0,)), Spread((1.5,)))}

RESULTS = Results(
    machine={"cores": 2},
    bundling={
        size: {
            bundling.OURS: Bundled(Spread((160.0, 200.0)), 1100),
            bundling.GZIP_6: Bundled(Spread((20.0, 40.0)), 1000),
        }
        for size in bundling.SIZES
    },
    end_to_end={
        stage.FAST: Ended(
            {ceilings.GETS: Spread((2000.0, 3000.0))},
            {
                end_to_end.OURS: FAST,
                end_to_end.CLAIMING: SLOW,
                end_to_end.S3_TAR: SLOW,
                "peer: bento": Handled(FAST.rate, FAST.cpu, "wrote 3 objects"),
            },
        ),
        stage.LOCALSTACK: Ended(
            {ceilings.GETS: Spread((300.0, 500.0))},
            {end_to_end.OURS: SLOW, end_to_end.S3_TAR: SLOW},
        ),
    },
    calls=Calls({"GET object": 1.0}, gets=1.0, write_units=1.01, others=0.03),
    cold_start=ColdStart(Spread((0.5,)), Spread((0.4,)), 1000, {"boto3": 120.0}),
    memory=Memory([100] * LATE, large_peak=100 * 2**20, large_written=0, large_seconds=60.0),
    growth=Growth(COSTS, COSTS),
    deliveries={
        size: {
            deliveries.HTTP: Delivered(Spread((2.0, 2.5)), Spread((150.0, 160.0)), 23 * 2**20),
            deliveries.PYCURL: Delivered(Spread((3.0, 3.0)), Spread((75.0, 80.0)), 25 * 2**20),
            deliveries.S3: Delivered(Spread((2.0, 2.5)), Spread((150.0, 160.0)), 30 * 2**20),
            deliveries.BOTO3: Delivered(Spread((1.0, 1.0)), Spread((300.0, 320.0)), 200 * 2**20),
        }
        for size in deliveries.TIMES
    },
    records={
        records.PROCESSOR: Spread((12.0, 13.0)),
        records.PLAIN_PROCESSOR: Spread((12.0, 13.0)),
        records.TRANSFORMER: Spread((10.0, 11.0)),
        records.PLAIN_TRANSFORMER: Spread((30.0, 33.0)),
    },
    consumer={
        consumer.OURS: Received(Spread((1500.0, 1700.0)), Spread((0.4, 0.4))),
        consumer.PEER: Received(Spread((3000.0, 3400.0)), Spread((0.2, 0.2))),
    },
    power={"courier": {512: Powered(Spread((0.25,)), Spread((1.5,)))}},
)


def rendered() -> str:
    console = Console(width=140)
    with console.capture() as captured:
        for table in tables(RESULTS, targets(RESULTS)):
            console.print(table)
    return captured.get()


def line_of(text: str, *words: str) -> str:
    return next(line for line in text.splitlines() if all(word in line for word in words))


def test_tables_tell_medians_ranges_and_ratios() -> None:
    text = rendered()

    assert "605 (550 to 660)" in line_of(text, end_to_end.OURS)
    assert " 11.0 " in line_of(text, end_to_end.OURS)
    assert "180 (160 to 200)" in line_of(text, "ours ", "20 KB")
    assert " 6.5 " in line_of(text, "ours ", "20 KB")
    assert " 1.10 " in line_of(text, "ours ", "20 KB")


def test_each_floor_has_its_ceiling() -> None:
    text = rendered()

    assert "2500 (2000 to 3000)" in line_of(text, ceilings.GETS, stage.FAST)
    assert "400 (300 to 500)" in line_of(text, ceilings.GETS, stage.LOCALSTACK)


def test_what_a_command_from_outside_wrote_is_told_below_its_figures() -> None:
    assert line_of(rendered(), "peer: bento: wrote 3 objects, its start included")


def test_deliveries_are_compared_with_the_peer_of_their_kind() -> None:
    text = rendered()

    assert " 1.35 " in line_of(text, deliveries.HTTP, "100000 KB")
    assert " 0.45 " in line_of(text, deliveries.S3, "100000 KB")
    assert " missed " in line_of(text, "posting 100 MB, time beside pycurl")
    assert " met " in line_of(text, "peak after bundles of 100 MB", deliveries.HTTP)


def test_a_memory_size_has_its_time_and_its_price() -> None:
    assert "250.0 (250.0 to 250.0)" in line_of(rendered(), "courier", " 512 ")


def test_a_record_is_held_to_its_time_and_to_a_plain_handler() -> None:
    text = rendered()

    assert "12.5 (12.0 to 13.0)" in line_of(text, "processor ")
    assert " met " in line_of(text, "CPU a record, processor", "at most 15 us")
    assert " met " in line_of(text, "CPU a record, processor, beside a plain handler", "1.00 x")


def test_the_consumer_is_compared_with_a_client_that_promises_nothing_and_held_to_a_days_backlog() -> None:
    text = rendered()

    line = line_of(text, consumer.OURS, "1600 (1500 to 1700)")
    assert " 0.50 " in line
    assert " 2.00 " in line
    assert " 9.0 " in line
    assert " met " in line_of(text, "its time for a day of 10 files/s", "at most 15 min", "9.00 min")


def test_a_missed_target_is_told() -> None:
    text = rendered()

    assert " met " in line_of(text, "CPU a file, without, fast floor")
    assert " missed " in line_of(text, "files/s beside s3-tar, with claims, fast floor")


def test_a_target_is_met_on_its_very_bound() -> None:
    assert PerformanceTarget("x", "at least", 5, 5.0).is_met
    assert PerformanceTarget("x", "at most", 5, 5.0).is_met
    assert not PerformanceTarget("x", "at least", 5, 4.99).is_met
    assert not PerformanceTarget("x", "at most", 5, 5.01).is_met


def test_programs_get_every_sample(tmp_path: Path) -> None:
    RESULTS.write(tmp_path / "out" / "bench.json", [target.to_json() for target in targets(RESULTS)])

    document = json.loads((tmp_path / "out" / "bench.json").read_text())
    ended = document["end_to_end"][stage.FAST]
    assert ended["contestants"][end_to_end.OURS]["rate"]["samples"] == [660.0, 550.0]
    assert ended["ceilings"][ceilings.GETS]["median"] == 2500.0
    assert document["bundling"]["20000"][bundling.OURS]["size"] == 1100
    assert {target["is_met"] for target in document["targets"]} == {True, False}


def test_figures_are_drawn(tmp_path: Path) -> None:
    paths = draw(RESULTS, tmp_path / "figures")

    assert [path.name for path in paths] == ["bundling.png", "end-to-end.png", "growth.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)


def test_the_slowest_modules_are_read_from_importtime() -> None:
    told = (
        "import time: self [us] | cumulative | imported package\n"
        "import time:       100 |        100 |   json.scanner\n"
        "some warning\n"
        "import time:       200 |       5300 | boto3\n"
    )

    assert slowest(told) == {"boto3": 5.3, "json.scanner": 0.1}
