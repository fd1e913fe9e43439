from __future__ import annotations

import os
import runpy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ReadTimeoutError
from harness.event_table import DATABASE, LocalTable, metrics
from harness.processed_events import event, processed
from pyiceberg.io.pyarrow import ArrowScan

from baler.events.aws import table_layout
from baler.events.parsing.parse import parse
from baler.events.partition import Partition
from baler.events.processed_object import processed_key
from baler.events.raw_object import raw_objects
from baler.events.stream_record import StreamRecord
from baler.events.table.columns import COLUMNS
from baler.events.table.rows import source_rows
from baler.events.transformation import Thresholds, transform
from baler.store_errors import Unavailable
from runtime.events.aws import event_table

if TYPE_CHECKING:
    from baler.events.table.source_rows import SourceRows

# Records of all kinds: each is a row of the page of verdicts.
VERDICTS: dict[str, bytes] = runpy.run_path(
    str(Path(__file__).parents[3] / "baler" / "events" / "parsing" / "test_verdicts.py")
)["CASES"]
HOUR = Partition("metric", 2024, 1, 15, 10)
ENDED = datetime(2024, 1, 15, 11, tzinfo=UTC)


@pytest.fixture
def local(tmp_path: Path) -> LocalTable:
    return LocalTable(tmp_path)


@pytest.fixture(scope="module")
def local_of_all(tmp_path_factory: pytest.TempPathFactory) -> LocalTable:
    return LocalTable(tmp_path_factory.mktemp("table"))


def values(local: LocalTable) -> list[object]:
    return sorted(row["value"] for row in local.rows("value"))  # type: ignore[type-var]


def test_a_table_holds_each_row_as_it_was_made(local: LocalTable) -> None:
    sources = [
        source_rows(*processed(event(kind))) for kind in ("user_action", "transaction", "metric", "system_event")
    ]
    assert local.commit(*sources)
    expected = [{column.name: None for column in COLUMNS} | dict(row) for source in sources for row in source.rows]
    assert local.rows() == sorted(expected, key=repr)


@pytest.mark.parametrize("name", sorted(VERDICTS))
def test_no_event_that_the_processor_takes_is_one_that_the_table_does_not(local_of_all: LocalTable, name: str) -> None:
    parsed = parse([StreamRecord("shardId-000000000000", f"{1:056}", 0, "key", 1_705_314_600.0, VERDICTS[name])])
    for raw in raw_objects("1705000000.shardId-000000000000", f"{1:056}", f"{1:056}", parsed.events):
        lines = raw.content.split(b"\n")[:-1]
        body = b"".join(transform(line, Thresholds(), datetime.now(UTC)) + b"\n" for line in lines)
        source = source_rows(processed_key(raw.key), body)
        assert local_of_all.commit(source)
        assert local_of_all.table.snapshot().holding([source])


def test_a_source_that_comes_again_replaces_its_rows_and_no_others_in_one_commit(local: LocalTable) -> None:
    first, other = metrics(1, 2), metrics(3)
    local.commit(first, other)
    before = len(local.read().snapshots())
    again: SourceRows = type(first)(first.key, first.partition, first.rows[:1], first.first_arrival, first.last_arrival)
    assert local.commit(again, metrics(4))
    assert values(local) == [1, 3, 4]
    assert len(local.read().snapshots()) == before + 1


def test_only_sources_that_have_rows_are_said_to_have_some(local: LocalTable) -> None:
    local.commit(metrics(1), source_rows(*processed(event("transaction"))))
    sources = [metrics(1), metrics(2), metrics(1, at="2024-01-15T11:30:00Z")]
    assert local.table.snapshot().holding(sources) == {sources[0].key}


def test_a_look_for_a_source_opens_no_file_of_other_hours_and_arrivals(
    local: LocalTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    local.commit(metrics(1), metrics(2, at="2024-01-15T11:30:00Z"))
    local.commit(metrics(3, arrived_at=1_705_318_000.0))
    snapshot = local.table.snapshot()
    read: list[int] = []
    scan = cast("Any", ArrowScan).to_table

    def counting(self: Any, tasks: list[object]) -> Any:
        read.append(len(tasks))
        return scan(self, tasks)

    monkeypatch.setattr(ArrowScan, "to_table", counting)
    snapshot.holding([metrics(1)])
    assert read == [1]


def test_of_two_commits_to_one_state_the_second_is_refused_and_nothing_is_doubled(local: LocalTable) -> None:
    local.commit(metrics(1))
    mine, others = local.table.snapshot(), local.table.snapshot()
    assert others.commit([metrics(2)], frozenset())
    assert not mine.commit([metrics(2)], frozenset())
    assert values(local) == [1, 2]


def test_a_state_takes_one_commit(local: LocalTable) -> None:
    snapshot = local.table.snapshot()
    assert snapshot.commit([metrics(1)], frozenset())
    assert not snapshot.commit([metrics(2)], frozenset())


def test_a_table_whose_writers_would_redo_commits_by_themselves_is_put_right(local: LocalTable) -> None:
    local.commit(metrics(1))
    with local.read().transaction() as transaction:
        transaction.set_properties({"commit.retry.num-retries": "4"})
    mine = local.table.snapshot()
    local.commit(metrics(2))
    assert not mine.commit([metrics(2)], frozenset())
    assert values(local) == [1, 2]


def test_a_commit_whose_answer_is_lost_is_unknown_and_the_next_one_sees_it(
    local: LocalTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = local.catalogue.commit_table

    def lost(*arguments: Any) -> Any:
        commit(*arguments)
        raise ReadTimeoutError(endpoint_url="glue")

    snapshot = local.table.snapshot()
    monkeypatch.setattr(local.catalogue, "commit_table", lost)
    with pytest.raises(Unavailable, match="cannot commit to the table: ReadTimeoutError"):
        snapshot.commit([metrics(1)], frozenset())
    monkeypatch.undo()
    assert local.commit(metrics(1))
    assert values(local) == [1]


def test_closed_hours_become_one_file_in_the_order_of_time_and_every_state_has_the_same_rows(local: LocalTable) -> None:
    for minute, value in ((50, 1), (10, 2), (30, 3)):
        local.commit(metrics(value, at=f"2024-01-15T10:{minute}:00Z", arrived_at=1_705_314_600.0 + value))
    local.commit(metrics(4, at="2024-01-15T11:00:00Z"))
    assert local.table.snapshot().scattered(ENDED - timedelta(seconds=1)) == []
    assert local.table.snapshot().scattered(ENDED) == [HOUR]
    before = len(local.read().snapshots())
    assert local.table.snapshot().rewrite(HOUR)
    table = local.read()
    assert len(local.data_files()) == 2
    assert local.table.snapshot().scattered(ENDED) == []
    assert len(table.snapshots()) == before + 1
    (rewritten,) = [task for task in table.scan().plan_files() if task.file.record_count == 3]
    ordered = table.scan(row_filter="event_time < '2024-01-15T11:00:00+00:00'").to_arrow()
    assert ordered["value"].to_pylist() == [2, 3, 1]
    assert rewritten.file.partition[0] == "metric"
    assert [table.scan(snapshot_id=each.snapshot_id).count() for each in table.snapshots()] == [1, 2, 3, 4, 4]


def test_rewriting_takes_no_more_than_memory_does_and_leaves_large_files(
    local: LocalTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value in range(4):
        local.commit(metrics(value, arrived_at=1_705_314_600.0 + value))
    size = max(task.file.file_size_in_bytes for task in local.read().scan().plan_files())
    monkeypatch.setattr(event_table, "FILE_BYTES", size * 2 + 1)
    assert local.table.snapshot().rewrite(HOUR)
    assert len(local.data_files()) == 3
    monkeypatch.setattr(event_table, "FILE_BYTES", size)
    assert local.table.snapshot().scattered(ENDED) == []


def test_an_hour_that_is_in_few_files_is_rewritten_by_doing_nothing(local: LocalTable) -> None:
    local.commit(metrics(1))
    files = local.data_files()
    assert local.table.snapshot().rewrite(HOUR)
    assert local.data_files() == files


def test_a_rewriting_that_a_commit_overtook_is_refused(local: LocalTable) -> None:
    local.commit(metrics(1))
    local.commit(metrics(2))
    snapshot = local.table.snapshot()
    local.commit(metrics(3))
    assert not snapshot.rewrite(HOUR)
    assert values(local) == [1, 2, 3]


def test_hours_that_ended_are_dropped_whole(local: LocalTable) -> None:
    local.commit(metrics(1), metrics(2, at="2024-01-15T11:30:00Z"))
    assert local.table.snapshot().drop(datetime(2024, 1, 15, 11, 59, tzinfo=UTC))
    assert values(local) == [2]
    assert local.table.snapshot().drop(datetime(2024, 1, 15, 11, 59, tzinfo=UTC))


def test_files_of_no_state_are_deleted_once_they_are_old_and_no_others(local: LocalTable) -> None:
    local.commit(metrics(1))
    local.commit(metrics(1))  # replaces the file of the first
    stray, fresh = (Path(local.data_files()[0].removeprefix("file://")).with_name(name) for name in ("stray", "fresh"))
    for path in (stray, fresh):
        path.write_bytes(b"of a commit that failed")
    later = datetime.now(UTC) + timedelta(days=2)
    for address, _ in local.files():
        written_at = later.timestamp() - 100_000
        os.utime(address.removeprefix("file://"), (written_at, written_at))
    os.utime(fresh, (later.timestamp(), later.timestamp()))
    assert local.table.sweep(later - timedelta(days=1)) >= 3
    assert not stray.exists()
    assert fresh.exists()
    assert values(local) == [1]
    assert len(local.read().snapshots()) == 1
    assert local.table.sweep(later - timedelta(days=1)) == 0


def test_nothing_that_a_younger_state_lists_is_deleted(local: LocalTable) -> None:
    local.commit(metrics(1))
    local.commit(metrics(1))
    states = [each.snapshot_id for each in local.read().snapshots()]
    assert local.table.sweep(datetime.now(UTC) - timedelta(days=1)) == 0
    assert [local.read().scan(snapshot_id=state).count() for state in states] == [1, 1]


def test_a_newly_declared_field_becomes_a_column_that_old_rows_have_no_value_of(
    local: LocalTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    fewer = tuple(column for column in COLUMNS if column.name not in {"unit", "is_anomaly"})
    with monkeypatch.context() as patched:
        patched.setattr(table_layout, "COLUMNS", fewer)
        patched.setattr(table_layout.schema_of, "__defaults__", (fewer,))
        local.table.snapshot()
    assert "unit" not in local.read().schema().column_names
    local.commit(metrics(1))
    assert local.rows("unit", "is_anomaly") == [{"unit": "%", "is_anomaly": False}]


def test_the_size_is_that_of_the_current_state(local: LocalTable) -> None:
    assert local.table.size() == event_table.TableSize(0, 0)
    local.commit(metrics(1, 2))
    assert local.table.size() == event_table.TableSize(2, 1)


def test_two_that_make_the_table_at_once_make_one(local: LocalTable, monkeypatch: pytest.MonkeyPatch) -> None:
    create = cast("Any", local.catalogue).create_table

    def overtaken(*arguments: Any) -> Any:
        create(*arguments)
        return create(*arguments)

    monkeypatch.setattr(local.catalogue, "create_table", overtaken)
    assert local.commit(metrics(1))
    assert local.catalogue.list_tables(DATABASE) == [(DATABASE, "events")]
