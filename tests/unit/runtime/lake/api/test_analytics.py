"""What the counters say, over moto."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from harness.lake_api import deployed_api, record

from baler.aws.http.dynamodb import HttpDynamoDb
from baler.lake.retention import Retention
from runtime.lake.api.view import View

if TYPE_CHECKING:
    from pathlib import Path

    from harness.lake_api import LakeApi


def today() -> date:
    return datetime.now(UTC).date()


def back(days: int) -> str:
    return (today() - timedelta(days=days)).isoformat()


def analytics(api: LakeApi, query: str = "") -> dict[str, Any]:
    before = today()
    said = api.get("/analytics", query)
    assert said.status == 200, said.body
    if today() != before:  # midnight came in between
        return analytics(api, query)
    return said.document


def counted(api: LakeApi, source: str, by_day: dict[str, dict[int, int]]) -> None:
    for day, shards in by_day.items():
        for shard, n in shards.items():
            api.count(source, f"day#{day}#{shard:02}", n)
    for shard in range(16):
        total = sum(shards.get(shard, 0) for shards in by_day.values())
        if total:
            api.count(source, f"total#{shard:02}", total)


def test_nothing_is_zero_on_every_day(api: LakeApi) -> None:
    found = analytics(api)
    assert [each["date"] for each in found["timeline"]] == [back(days) for days in reversed(range(7))]
    assert all(each["total"] == 0 and each["by_source"] == {"posts": 0, "users": 0} for each in found["timeline"])
    assert (found["total"], found["first_date"], found["last_date"]) == (0, None, None)
    assert datetime.fromisoformat(found["generated_at"]).timestamp() == pytest.approx(time.time(), abs=60)


def test_the_card_the_bars_and_the_days_are_sums_of_the_same_counters(api: LakeApi) -> None:
    counted(api, "posts", {back(0): {3: 7, 4: 1}, back(2): {3: 10, 15: -2}, back(40): {0: 5}})
    counted(api, "users", {back(2): {1: 4}, back(6): {1: 2}, back(7): {1: 100}})
    counted(api, "undeclared", {back(0): {0: 1000}, back(500): {0: 1}})
    found = analytics(api)
    assert found["by_source"] == {"posts": 21, "users": 106}
    assert found["total"] == 127
    days = {each["date"]: (each["total"], each["by_source"]) for each in found["timeline"]}
    assert days[back(0)] == (8, {"posts": 8, "users": 0})
    assert days[back(2)] == (12, {"posts": 8, "users": 4})
    assert days[back(6)] == (2, {"posts": 0, "users": 2})
    assert found["by_date"] == {day: total for day, (total, _) in days.items()}
    assert (found["first_date"], found["last_date"]) == (back(40), back(0))
    everything = analytics(api, "days=90")
    assert sum(everything["by_date"].values()) == everything["total"] == 127
    assert len(analytics(api, "days=1")["timeline"]) == 1


def test_a_day_that_all_records_moved_away_from_is_neither_first_nor_last(api: LakeApi) -> None:
    counted(api, "posts", {back(days): {shard: 1 if shard % 2 else -1 for shard in range(16)} for days in range(3)})
    assert (analytics(api)["first_date"], analytics(api)["last_date"]) == (None, None)
    counted(api, "posts", {back(1): dict.fromkeys(range(16), 1)})
    assert (analytics(api)["first_date"], analytics(api)["last_date"]) == (back(1), back(1))


def test_a_total_that_is_being_put_right_is_never_below_nothing(api: LakeApi) -> None:
    api.count("posts", "total#03", -2)
    assert (analytics(api)["total"], analytics(api)["by_source"]["posts"]) == (0, 0)


def test_more_days_than_one_answer_holds_are_all_read(api: LakeApi) -> None:
    for days in range(90):
        counted(api, "users", {back(days): dict.fromkeys(range(3), 1)})
    assert sum(analytics(api, "days=90")["by_date"].values()) == 270


def test_answers_that_say_the_same_have_one_tag(api: LakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    noon = datetime(2026, 3, 8, 12, tzinfo=UTC).timestamp()
    monkeypatch.setattr(time, "time", lambda: noon)
    first = api.get("/analytics")
    monkeypatch.setattr(time, "time", lambda: noon + 3600)
    assert api.get("/analytics", if_none_match=first.headers["etag"]).status == 304
    assert api.get("/analytics").body != first.body
    monkeypatch.setattr(time, "time", lambda: noon + 12 * 3600)
    assert api.get("/analytics", if_none_match=first.headers["etag"]).status == 200  # another day


def test_with_a_retention_days_that_expired_are_in_no_sum(aws: None, tmp_path: Path) -> None:
    _ = aws
    with deployed_api(tmp_path, retention_days=30) as api:
        counted(api, "posts", {back(0): {0: 1}, back(30): {0: 10}, back(31): {0: 100}, back(60): {0: 1000}})
        found = analytics(api, "days=90")
        assert (found["total"], found["by_source"]["posts"]) == (11, 11)
        assert found["by_date"][back(31)] == 0
        assert found["first_date"] == back(30)


def test_days_that_ended_under_a_shorter_retention_are_counted_no_more_than_their_records_are_shown(
    aws: None, tmp_path: Path
) -> None:
    _ = aws
    with deployed_api(tmp_path, retention_days=30) as api:
        counted(api, "posts", {back(0): {0: 1}})
        over = {"N": str(int(time.time()) - 10)}
        key = {"pk": {"S": "posts"}, "sk": {"S": f"day#{back(9)}#03"}}
        api.client.put_item(
            TableName="counters", Item=key | {"n": {"N": "7"}, "changes": {"N": "1"}, "expires_at": over}
        )
        api.put(record(1, f"{back(9)}T00:00:00Z", expires_at=over))
        found = analytics(api, "days=90")
        assert (found["total"], found["by_date"][back(9)], found["first_date"]) == (1, 0, back(0))
        assert api.get("/records").document["count"] == 0


def test_it_asks_as_much_of_a_large_table_as_of_a_small_one(api: LakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    original: Any = HttpDynamoDb._call  # pyright: ignore[reportPrivateUsage]

    def call(self: object, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        assert arguments["TableName"] == "counters"
        found: dict[str, Any] = original(self, operation, arguments)
        asked.append(f"{operation} {found['Count']}")
        return found

    monkeypatch.setattr(HttpDynamoDb, "_call", call)
    sizes: list[list[str]] = []
    for records in (10, 500):
        api.put(*(record(number, f"{back(0)}T00:00:00Z") for number in range(records)))
        counted(api, "posts", {back(0): dict.fromkeys(range(16), records)})
        asked.clear()
        analytics(api)
        sizes.append(sorted(asked))
    assert sizes[0] == sizes[1]
    assert {each.partition(" ")[0] for each in asked} == {"Query"}
    assert len(asked) <= 6  # two for each source, and one more where the window has nothing


@pytest.mark.parametrize("days", [1, 7, 365])
@pytest.mark.parametrize("late", [0, 1, 86_399])
def test_what_is_shown_ends_at_the_moment_at_which_curation_ends_it(days: int, late: int) -> None:
    now = datetime(2026, 3, 8, tzinfo=UTC).timestamp() + late
    oldest = View({}, now, days).oldest_day
    assert oldest is not None
    assert not Retention(days).is_over(oldest, now)
    assert Retention(days).is_over(oldest - timedelta(days=1), now)
