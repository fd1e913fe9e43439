"""Lanes in the model: what AWS throttles, and what an outage leaves behind; its figures are for people to read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from harness.shipped_stacks import shipped_project
from typer.testing import CliRunner

from baler.aws.event_source import MOST_IN_FLIGHT
from baler.commands.cost.figures import figures
from baler.commands.cost.settings import StackSettings, read_stack_settings
from benchmarks.model.outcome import Load
from benchmarks.model.scale import __main__ as scale_command
from benchmarks.model.scale.__main__ import shapes
from benchmarks.model.scale.shape import Shape, trial
from benchmarks.model.simulation import simulate
from benchmarks.model.throttle import Throttle
from components.files import capacity

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.model.outcome import Outcome


@pytest.fixture(scope="module")
def settings() -> StackSettings:
    return read_stack_settings(shipped_project(), "prod")


def loaded(settings: StackSettings, rate: float, lanes: int, concurrency: int, **load: float) -> Outcome:
    shape = Shape(lanes, concurrency, 1e9)
    return simulate(shape.settings(settings), figures(), Load(rate, 90, 40, 7, 10, **load))


def test_lanes_share_the_files_and_lose_none(settings: StackSettings) -> None:
    outcome = loaded(settings, 2000, 4, 10)

    on_its_way = outcome.arrived - outcome.files - outcome.backlog
    assert 0 <= on_its_way <= outcome.most_readers * settings.batch_size
    assert outcome.most_readers <= 40


def test_what_a_store_takes_at_once_waits_for_nothing_and_what_is_more_waits_in_proportion() -> None:
    table = Throttle(1000)

    assert table.wait(0.0, 1000, 60) == 0.0
    assert table.wait(0.0, 500, 60) == pytest.approx(0.5)
    # A second later it has worked off what it takes in one.
    assert table.wait(1.0, 500, 60) == 0.0
    assert table.late_units / table.units == pytest.approx(0.25)


def test_a_call_gives_up_after_its_patience_and_leaves_the_store_alone() -> None:
    table = Throttle(10)

    assert table.wait(0.0, 1000, 5) == 5
    assert table.wait(0.0, 10, 5) == 0.0


def test_a_table_that_is_too_small_lets_the_backlog_grow_and_one_that_is_not_does_not(settings: StackSettings) -> None:
    small, enough = (loaded(settings, 3000, 2, 30, table_writes=writes) for writes in (2000.0, 4000.0))

    assert small.backlog > 20 * max(1, enough.backlog)
    assert small.throttled > 0.9
    assert small.failed_batches == enough.failed_batches == 0


def test_a_batch_for_which_the_table_has_no_room_within_the_timeout_comes_to_nothing(settings: StackSettings) -> None:
    assert loaded(settings, 3000, 2, 30, table_writes=300.0).failed_batches > 0


def test_reads_of_one_prefix_are_slowed_where_those_of_two_are_not(settings: StackSettings) -> None:
    one, two = (loaded(settings, 6000, lanes, 90 // lanes, lane_reads=5500.0) for lanes in (1, 2))

    assert one.slowed > 0.5 > two.slowed


def test_a_queue_whose_functions_die_gives_out_no_more_than_sqs_lets_it(settings: StackSettings) -> None:
    one, ten = (
        loaded(settings, 10_000, lanes, 150 // lanes, outage_begins=20.0, outage_ends=60.0) for lanes in (1, 10)
    )

    assert MOST_IN_FLIGHT * 0.99 <= one.most_in_flight <= MOST_IN_FLIGHT
    assert one.refused_seconds > 0 == ten.refused_seconds
    assert one.failed_batches > 0


def test_what_died_is_seen_again_and_done(settings: StackSettings) -> None:
    shape = Shape(2, 10, 1e9)

    outcome = simulate(shape.settings(settings), figures(), Load(100, 400, 60, 7, outage_begins=20.0, outage_ends=50.0))

    assert outcome.failed_batches > 0
    assert outcome.backlog == 0
    # Hidden for the visibility timeout since they were received.
    assert outcome.caught_up_at is not None
    assert outcome.caught_up_at > 20 + 118


def test_the_rate_of_the_prefixes_bounds_what_lands(settings: StackSettings) -> None:
    told = trial(Shape(1, 30, 4000.0), 7000.0, settings, figures(), seed=1)

    assert told.landed == 3500
    assert told.refused_puts == pytest.approx(0.5)
    assert not told.keeps_up
    assert told.latency(0.5) is None


def test_the_table_is_tried_as_the_program_warms_it() -> None:
    assert shapes(10_000)[-1].table_writes == capacity.warm_write_units(10_000)


def test_the_command_prints_what_it_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shipped_project())

    def few(_rate: float) -> list[Shape]:
        return [Shape(1, 10, 4000.0), Shape(1, 142, 4000.0), Shape(2, 10, 4000.0)]

    monkeypatch.setattr(scale_command, "shapes", few)

    result = CliRunner().invoke(scale_command.app, ["--rate", "400", "--out", str(tmp_path)], env={"COLUMNS": "240"})

    assert result.exit_code == 0, result.output
    told = json.loads((tmp_path / "scale.json").read_text())
    assert [one["queues"] for one in told["trials"]] == [1, 1, 2, 2, 2, 2]
    assert len(told["outages"]) == 2
    for one in told["trials"]:
        assert f"{one['latency_seconds']['p95']:.1f}" in result.stdout
