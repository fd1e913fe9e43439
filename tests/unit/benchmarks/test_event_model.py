"""What the model says that a rate of events needs."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from harness.shipped_stacks import shipped_project
from typer.testing import CliRunner

from baler.commands.cost.events.settings import EventStackSettings
from baler.commands.cost.events.traffic import EventProfile
from baler.commands.cost.figures import figures
from baler.commands.cost.settings import read_settings
from baler.events.objectives import END_TO_END_SECONDS
from benchmarks.model.events.__main__ import app
from benchmarks.model.events.limits import event_limits
from benchmarks.model.events.plan import Plan, as_it_is, plan, shards_needed

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def settings() -> EventStackSettings:
    return read_settings(EventStackSettings, shipped_project(), "prod")


def needed(rate: float, settings: EventStackSettings, event_bytes: float = 165) -> Plan:
    return plan(EventProfile(rate, event_bytes, 12), settings, figures())


@pytest.mark.requirement("EVENT-SCALE-01")
@pytest.mark.parametrize("rate", [1, 10, 100, 1000, 10_000])
def test_what_a_rate_needs_keeps_up_with_it_and_meets_the_objective(rate: float, settings: EventStackSettings) -> None:
    found = needed(rate, settings)

    assert found.keeps_up
    assert found.table_keeps_up
    assert found.latency_p95 < END_TO_END_SECONDS
    assert not [limit.name for limit in event_limits(found) if limit.binds]


def test_shards_have_room_for_bursts_of_records_and_of_bytes() -> None:
    assert shards_needed(EventProfile(10_000, 165, 1)) == 15
    assert shards_needed(EventProfile(1000, 10 * 1024, 1)) == 15


def test_a_batch_grows_where_the_documents_own_would_not_keep_up(settings: EventStackSettings) -> None:
    assert needed(100, settings).settings.batch_size == settings.batch_size
    assert needed(10_000, settings).settings.batch_size > settings.batch_size
    many = settings.model_copy(update={"shards": 12})
    unchanged = as_it_is(EventProfile(10_000, 165, 1), many, figures())
    assert not unchanged.keeps_up
    assert "records a second, each shard's batches" in [limit.name for limit in event_limits(unchanged) if limit.binds]


def test_a_million_events_cost_less_the_more_there_are(settings: EventStackSettings) -> None:
    plans = [needed(rate, settings) for rate in (10, 100, 1000, 10_000)]
    costs = [each.month.bill.usd / each.month.traffic.events for each in plans]

    assert all(few > many for few, many in pairwise(costs))


def test_the_command_writes_a_row_a_rate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shipped_project())
    result = CliRunner().invoke(app, ["--rates", "10,10000", "--out", str(tmp_path)], env={"COLUMNS": "200"})

    assert result.exit_code == 0
    written = json.loads((tmp_path / "model-events.json").read_text())
    assert [row["shards"] for row in written["plans"]] == [2, 15]
    assert "10,000" in result.stdout


def test_a_rate_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shipped_project())
    assert CliRunner().invoke(app, ["--rates", "many", "--out", str(tmp_path)]).exit_code == 2
