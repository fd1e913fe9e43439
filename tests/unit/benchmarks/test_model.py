"""The rules of the model; its figures are for people to read."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random
from statistics import fmean
from typing import TYPE_CHECKING

import pytest
from harness.shipped_stacks import shipped_project
from typer.testing import CliRunner

from baler.aws.event_source import files_per_batch, first_readers
from baler.commands.cost.figures import figures
from baler.commands.cost.function import FunctionTime
from baler.commands.cost.settings import StackSettings, read_stack_settings
from baler.commands.cost.traffic import Profile, Traffic
from benchmarks.model.__main__ import app
from benchmarks.model.limits import limits
from benchmarks.model.outcome import Load
from benchmarks.model.prediction import concurrency_needed, percentile, predict, predictions
from benchmarks.model.simulation import simulate

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.model.outcome import Outcome

PROFILE = Profile(10, 2000, 2.9, 300, 12)


@pytest.fixture(scope="module")
def settings() -> StackSettings:
    # Ten functions, which take a thousand files a second; `prod` has two.
    return read_stack_settings(shipped_project(), "prod").model_copy(update={"maximum_concurrency": 10})


def run(settings: StackSettings, rate: float, seconds: float = 600, seed: int = 7, **changed: object) -> Outcome:
    return simulate(settings.model_copy(update=changed), figures(), Load(rate, seconds, 150, seed))


# --- the simulation


@pytest.mark.parametrize("rate", [0.5, 10, 100, 600])
def test_littles_law_holds(settings: StackSettings, rate: float) -> None:
    outcome = run(settings, rate, 2000 if rate < 100 else 400)

    # The mean number present is the arrival rate times the mean time of a file; what is undone at the end is left out.
    assert outcome.present_over_time == pytest.approx(outcome.present_by_file, rel=0.05)


@pytest.mark.parametrize("rate", [10, 1000, 3000])
def test_no_file_is_lost_or_made_up(settings: StackSettings, rate: float) -> None:
    outcome = run(settings, rate, 200)

    on_its_way = outcome.arrived - outcome.files - outcome.backlog
    assert 0 <= on_its_way <= outcome.most_readers * settings.batch_size


@pytest.mark.parametrize(("batch_size", "window"), [(1, 0), (10, 0), (100, 1), (100, 10), (1000, 40)])
def test_a_batch_is_never_fuller_than_its_size(settings: StackSettings, batch_size: int, window: int) -> None:
    outcome = run(settings, 50, 300, batch_size=batch_size, batching_window_seconds=window)

    assert outcome.files <= outcome.batches * batch_size
    assert outcome.batches > 0


@pytest.mark.parametrize("concurrency", [2, 5, 10, 40])
def test_no_more_run_at_once_than_the_maximum_concurrency(settings: StackSettings, concurrency: int) -> None:
    outcome = run(settings, 5000, 120, maximum_concurrency=concurrency)

    assert outcome.most_busy == outcome.most_readers == concurrency


def test_readers_are_added_by_the_rule_of_the_event_source(settings: StackSettings) -> None:
    outcome = run(settings, 20_000, 30, maximum_concurrency=1000)

    # Five at first, and 300 a minute from the second look on.
    assert 5 + 5 * 27 <= outcome.most_readers <= 5 + 5 * 30


def test_readers_are_closed_when_the_burst_is_over(settings: StackSettings) -> None:
    # While they start cold, five readers leave messages over; later they do not.
    outcome = run(settings, 200, 600, maximum_concurrency=10)

    assert outcome.most_readers > outcome.readers == 5


def test_a_file_waits_for_its_batch(settings: StackSettings) -> None:
    at_once, patient = (run(settings, 10, batch_size=10, batching_window_seconds=window) for window in (0, 20))

    # A batch of ten fills in a few seconds at five readers, so the window is not waited out.
    assert percentile(patient.steady, 0.5) > percentile(at_once.steady, 0.5) + 1


def test_the_same_seed_tells_the_same(settings: StackSettings) -> None:
    assert run(settings, 10, seed=1) == run(settings, 10, seed=1)
    assert run(settings, 10, seed=1) != run(settings, 10, seed=2)


@pytest.mark.parametrize("rate", [3, 10, 20])
def test_the_bill_counts_the_batches_that_the_simulation_sees(settings: StackSettings, rate: float) -> None:
    outcome = run(settings, rate, 3000)

    time = FunctionTime(figures(), settings.function_memory_megabytes)
    expected = files_per_batch(
        rate,
        readers=first_readers(settings.maximum_concurrency),
        batch_size=settings.batch_size,
        batching_window=settings.batching_window_seconds,
        seconds=time.mean,
    )
    assert outcome.files / outcome.batches == pytest.approx(expected, rel=0.1)


# --- the function


def test_a_sampled_batch_takes_as_long_as_an_average_one(settings: StackSettings) -> None:
    time = FunctionTime(figures(), settings.function_memory_megabytes)
    random = Random(3)  # noqa: S311 - a sample

    for files in (1, 22, 100):
        assert fmean(time.sample(files, random.random) for _ in range(4000)) == pytest.approx(
            time.mean(files), rel=0.15
        )


def test_calls_take_their_time_where_the_processor_does_not() -> None:
    told = figures()
    idle = told.measured.model_copy(update={"cpu_ms_per_file": 0.0, "cpu_ms_per_batch": 0.0})
    time = FunctionTime(told.model_copy(update={"measured": idle}), 1769)
    random = Random(3)  # noqa: S311 - a sample

    # Sixteen at once, so a thousand claims and a thousand reads are 62.5 of each, one after the other.
    latency = told.assumed.latency
    assert time.sample(1000, random.random) > 62 * (latency.dynamodb.mean_seconds + latency.s3_get.mean_seconds)


def test_more_files_take_longer_and_more_memory_less(settings: StackSettings) -> None:
    # With 512 MB it waits for S3 longer than it computes.
    slow, fast = (FunctionTime(figures(), memory) for memory in (128, 1769))

    assert slow.mean(100) > slow.mean(10)
    assert fast.mean(100) < slow.mean(100)
    # Python has one thread at a time.
    assert FunctionTime(figures(), 3538).mean(100) == fast.mean(100)
    assert settings.function_memory_megabytes == 512


def test_a_latency_has_its_own_percentiles_and_mean() -> None:
    latency = figures().assumed.latency.s3_get

    assert latency.seconds(0.5) == pytest.approx(latency.p50 / 1000)
    assert latency.seconds(0.99) == pytest.approx(latency.p99 / 1000)
    evenly = [latency.seconds((number + 0.5) / 100_000) for number in range(100_000)]
    assert latency.mean_seconds == pytest.approx(fmean(evenly), rel=0.01)


# --- the prediction


def test_a_cap_below_the_load_lets_the_backlog_grow_and_is_told(settings: StackSettings) -> None:
    own, enough = predictions(settings, figures(), [replace(PROFILE, files_per_second=2000)], seed=1)

    assert not own.keeps_up
    assert own.outcome.backlog > own.outcome.backlog_before > 0
    assert own.latency(0.5) is None
    assert f"set baler:filesMaximumConcurrency to {own.concurrency_needed}" in own.advice[0]
    assert enough.maximum_concurrency == own.concurrency_needed
    assert enough.keeps_up
    assert not enough.advice


def test_where_no_concurrency_is_enough_memory_is_asked_for(settings: StackSettings) -> None:
    slow = settings.model_copy(update={"function_memory_megabytes": 128, "maximum_concurrency": 2, "batch_size": 10})

    told = predict(slow, figures(), replace(PROFILE, files_per_second=20_000), seed=1)

    assert concurrency_needed(20_000, slow, figures()) > 1000
    assert "raise baler:filesFunctionMemoryMegabytes" in told.advice[0]


def test_the_load_of_the_requirements_meets_their_objective_and_binds_nothing(settings: StackSettings) -> None:
    told = predict(settings, figures(), PROFILE, seed=1)

    assert told.keeps_up
    assert told.advice == []
    assert (told.latency(0.95) or 999) < 120
    assert (told.latency(0.999) or 999) < 180


def test_the_limits_of_the_services_are_told(settings: StackSettings) -> None:
    outcome = run(settings, 10, 200)
    profile = replace(PROFILE, files_per_second=10_000)

    found = limits(10_000, Traffic.of(profile, settings, figures()), outcome)

    assert {limit.name for limit in found if limit.binds} == {
        "files put a second, one prefix",
        "files read a second, one prefix",
        "write units a second, new table",
    }


def test_a_percentile_is_a_value_that_was_seen() -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.5) == 2.0
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.999) == 4.0
    assert percentile([5.0], 0.01) == 5.0


# --- the command


def test_the_command_prints_a_row_a_rate_and_writes_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shipped_project())

    result = CliRunner().invoke(app, ["--rates", "10,50", "--out", str(tmp_path / "new")], env={"COLUMNS": "200"})

    assert result.exit_code == 0, result.output
    told = json.loads((tmp_path / "new" / "model.json").read_text())["predictions"]
    assert [one["files_per_second"] for one in told] == [10, 50]
    for one in told:
        assert f"{one['latency_seconds']['p95']:.1f}" in result.stdout


def test_what_binds_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shipped_project())

    result = CliRunner().invoke(app, ["--rates", "4000", "--stack", "dev", "--out", str(tmp_path)])

    assert result.exit_code == 0, result.output
    assert "4,000 files/s, maximum concurrency 10: the backlog grows by" in result.stdout
    assert "let the external party use more prefixes" in result.stdout


@pytest.mark.parametrize("rates", ["", "ten", "0", "-5", "10,,20", "1e9", "nan"])
def test_rates_that_are_none_are_refused(rates: str) -> None:
    result = CliRunner().invoke(app, ["--rates", rates])

    assert result.exit_code == 2
    assert "--rates" in result.stderr
