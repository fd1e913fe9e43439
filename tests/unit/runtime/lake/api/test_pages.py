"""Pages of records over moto: each record once, whatever happens between two of them."""

from __future__ import annotations

import json
import random
import string
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

import pytest
from harness.lake_api import MODULE, deployed_api, record

from baler.aws.http.dynamodb import HttpDynamoDb
from runtime.lake.api import records as pages
from runtime.lake.aws.paging_key import DynamoPagingKey

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.lake_api import LakeApi

SECONDS: Final = 5
AT = "2026-03-08T10:00:00Z"


def at(minute: int) -> str:
    return (datetime(2026, 3, 8, tzinfo=UTC) + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")


def walk(
    api: LakeApi, limit: int, source: str = "", between: Callable[[int], None] = lambda _: None
) -> list[list[dict[str, Any]]]:
    """Return the records of all pages; `between` is called before each but the first."""
    found: list[list[dict[str, Any]]] = []
    last_key = None
    while True:
        query = f"limit={limit}" + (f"&source={source}" if source else "")
        said = api.get("/records", query + (f"&lastKey={last_key}" if last_key else ""))
        assert said.status == 200, said.body
        document = said.document
        assert document["count"] == len(document["records"]) <= limit
        found.append(document["records"])
        last_key = document["lastKey"]
        if last_key is None:
            return found
        between(len(found))


def ids(found: list[list[dict[str, Any]]]) -> list[str]:
    return [each["id"] for page in found for each in page]


def test_twelve_records_of_one_time_are_three_full_pages_each_record_once(api: LakeApi) -> None:
    api.put(*(record(number, AT) for number in range(12)))
    for source in ("", "posts"):
        found = walk(api, 4, source)
        assert [len(page) for page in found] == [4, 4, 4]
        assert sorted(ids(found)) == sorted(f"posts-{number}" for number in range(12))


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 8, 9])
def test_no_page_leads_to_an_empty_one(api: LakeApi, count: int) -> None:
    api.put(*(record(number, at(number)) for number in range(count)))
    found = walk(api, 4)
    assert [len(page) for page in found] == ([4] * (count // 4) + [count % 4] * (count % 4 > 0) or [0])


def test_what_is_behind_a_full_page_and_gone_leads_nowhere(api: LakeApi) -> None:
    """The index may still have what the table has lost, and DynamoDB deletes what expired days later."""
    past = {"N": str(int(time.time()) - 10)}
    api.put(*(record(number, at(100 - number)) for number in range(4)))
    api.put(*(record(number, at(50 - number), expires_at=past) for number in range(4, 30)))
    assert [len(page) for page in walk(api, 4)] == [4]
    api.put(record(30, at(0)))
    assert [[each["id"] for each in page] for page in walk(api, 4)][1] == ["posts-30"]


def test_thousands_that_are_over_and_not_yet_deleted_are_few_calls(
    api: LakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the retention was raised, or where DynamoDB deletes late: the function would else run out of its time."""
    past = {"N": str(int(time.time()) - 10)}
    api.put(record(1000, at(900)), *(record(number, at(number), expires_at=past) for number in range(300)))
    asked: list[str] = []
    original: Any = HttpDynamoDb._call  # pyright: ignore[reportPrivateUsage]

    def call(self: object, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        asked.append(operation)
        found: dict[str, Any] = original(self, operation, arguments)
        return found

    monkeypatch.setattr(HttpDynamoDb, "_call", call)
    assert ids(walk(api, 1)) == ["posts-1000"]
    assert (asked.count("BatchGetItem"), asked.count("Query") <= 6) == (4, True)


def test_newest_first_and_of_one_time_by_source(api: LakeApi) -> None:
    everything = [record(number, at(number // 3), source) for number in range(20) for source in ("posts", "users")]
    random.Random(7).shuffle(everything)  # noqa: S311 - an order
    api.put(*everything)
    for limit in (1, 3, 7, 100):
        found = [each for page in walk(api, limit) for each in page]
        keys = [(each["captured_at"], each["source"]) for each in found]
        assert keys == sorted(keys, key=lambda key: ([-ord(c) for c in key[0]], key[1]))
        assert len({each["id"] for each in found}) == len(found) == 40


def test_a_filter_shows_one_source_and_all_of_it(api: LakeApi) -> None:
    api.put(*(record(number, at(number), source) for number in range(9) for source in ("posts", "users")))
    found = walk(api, 4, "users")
    assert [each["source"] for page in found for each in page] == ["users"] * 9


@pytest.mark.parametrize("seed", range(6))
def test_what_was_there_all_the_while_is_seen_once(api: LakeApi, seed: int) -> None:
    """Between pages records arrive, newer and older ones, are deleted, and are replaced where they stand."""
    rng = random.Random(seed)  # noqa: S311 - a story
    stay = {f"{source}-{number}" for number in range(12) for source in ("posts", "users")}
    times = {name: at(rng.randrange(6)) for name in stay}
    api.put(*(record(int(name.split("-")[1]), times[name], name.split("-")[0]) for name in sorted(stay)))
    doomed = [record(number, at(rng.randrange(6)), rng.choice(["posts", "users"])) for number in range(100, 112)]
    api.put(*doomed)
    arrived = 200

    def between(page: int) -> None:
        nonlocal arrived
        del page
        for _ in range(2):
            if doomed:
                api.client.delete_item(TableName="records", Key={"id": doomed.pop()["id"]})
            arrived += 1
            api.put(record(arrived, at(rng.randrange(9)), rng.choice(["posts", "users"])))
            name = rng.choice(sorted(stay))
            of, _, its = name.partition("-")
            api.put(record(int(its), times[name], of, title={"S": "blue"}))

    seen = ids(walk(api, rng.choice([1, 3, 5]), between=between))
    assert len(seen) == len(set(seen))
    assert stay <= set(seen)


def test_the_record_that_a_page_ended_with_may_be_deleted(api: LakeApi) -> None:
    api.put(*(record(number, AT) for number in range(9)))
    ended: list[str] = []

    def between(page: int) -> None:
        del page
        api.client.delete_item(TableName="records", Key={"id": {"S": ended.pop()}})

    def look() -> list[str]:
        found: list[str] = []
        last_key = None
        while True:
            document = api.get("/records", "limit=3" + (f"&lastKey={last_key}" if last_key else "")).document
            found += [each["id"] for each in document["records"]]
            if (last_key := document["lastKey"]) is None:
                return found
            ended.append(found[-1])
            between(0)

    assert sorted(look()) == [f"posts-{number}" for number in range(9)]


def test_a_record_that_moves_to_an_earlier_time_is_never_lost(api: LakeApi) -> None:
    """It may be seen again where it is then, and is in one page once."""
    api.put(*(record(number, at(number + 10)) for number in range(9)))

    def between(page: int) -> None:
        if page <= 3:  # each moves three times, always ahead of the walk
            api.put(*(record(number, at(9 - page)) for number in (8, 4, 0)))

    seen = ids(walk(api, 2, between=between))
    assert set(seen) == {f"posts-{number}" for number in range(9)}


# --- bytes


def test_a_hundred_records_of_300_kb_documents_are_one_small_page(api: LakeApi) -> None:
    document = {"S": json.dumps({"title": "x" * 300_000})}
    api.put(*(record(number, at(number), document=document, title={"S": "t"}) for number in range(100)))
    said = api.get("/records", "limit=100")
    assert said.document["count"] == 100
    assert len(said.body) < 100_000
    assert said.document["lastKey"] is None


@pytest.mark.parametrize("text", ["x", "é", "\\", "\x01", "\U0001f600"])
def test_a_page_that_would_be_large_is_short_and_goes_on(tmp_path: Path, aws: None, text: str) -> None:
    _ = aws
    fields = "\n".join(f'f{number} = "f{number}"' for number in range(40))
    declarations = (
        f'[[source]]\nname = "posts"\ntype = "posts"\nurl = "https://a.example/"\nid = "id"\n[source.fields]\n{fields}'
    )
    large: dict[str, Any] = {f"f{number}": {"S": text * (4096 // len(text.encode()))} for number in range(40)}
    with deployed_api(tmp_path, declarations) as api:
        api.put(*(record(number, at(number), **large) for number in range(8)))
        found: list[str] = []
        last_key = None
        shortest = 8
        while True:
            said = api.get("/records", "limit=20" + (f"&lastKey={last_key}" if last_key else ""))
            assert len(json.dumps({"statusCode": 200, "body": said.body})) < 5_000_000  # as Lambda's runtime writes it
            found += [each["id"] for each in said.document["records"]]
            shortest = min(shortest, said.document["count"])
            assert said.document["count"] > 0
            if (last_key := said.document["lastKey"]) is None:
                break
        assert found == [f"posts-{number}" for number in reversed(range(8))]
        assert shortest < 7


def test_one_record_that_is_larger_than_a_page_is_a_page(api: LakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE_BYTES_MAX", 100)
    api.put(*(record(number, at(number)) for number in range(3)))
    assert [len(page) for page in walk(api, 3)] == [1, 1, 1]


# --- lastKey


def last_key_of(api: LakeApi, query: str = "limit=1") -> str:
    return api.get("/records", query).document["lastKey"]


@pytest.fixture
def paged(api: LakeApi) -> LakeApi:
    api.put(*(record(number, at(number), source) for number in range(3) for source in ("posts", "users")))
    return api


def refused(api: LakeApi, query: str) -> None:
    said = api.get("/records", query)
    assert (said.status, said.document["code"]) == (400, "last-key-invalid")
    assert "begin again without lastKey" in said.document["message"]


def test_a_last_key_is_good_for_its_filter_alone_and_for_any_limit(paged: LakeApi) -> None:
    of_all, of_posts = last_key_of(paged), last_key_of(paged, "limit=1&source=posts")
    assert paged.get("/records", f"lastKey={of_all}&limit=100").document["count"] == 5
    refused(paged, f"lastKey={of_all}&source=posts")
    refused(paged, f"lastKey={of_posts}")
    refused(paged, f"lastKey={of_posts}&source=users")


def test_every_changed_character_of_a_last_key_is_seen(paged: LakeApi) -> None:
    good = last_key_of(paged)
    assert len(good) < 400
    assert good.replace("-", "").replace("_", "").isalnum()
    for place in range(0, len(good), 3):
        refused(paged, f"lastKey={good[:place]}{'A' if good[place] != 'A' else 'B'}{good[place + 1 :]}")
    for wrong in (good + "A", good[:-1], good + "=", good[1:], good.swapcase(), f"{good},{good}", good + "%00"):
        refused(paged, f"lastKey={wrong}")
    # The last character has bits that carry nothing; another spelling of the same bytes is no key of ours either.
    for end in f"{string.ascii_letters}{string.digits}-_".replace(good[-1], ""):
        refused(paged, f"lastKey={good[:-1]}{end}")


def secret_of(api: LakeApi) -> bytes:
    found: Any = api.client.get_item(TableName="sources", Key={"source": {"S": "#paging-key"}})
    return found["Item"]["secret"]["B"]


@dataclass
class Racing:
    """DynamoDB, where something else comes first when an item is put for the first time."""

    client: HttpDynamoDb
    hook: Callable[[], object] | None = None

    def until(self, deadline: float) -> Racing:
        del deadline
        return self

    def get_item(self, **request: Any) -> dict[str, Any]:
        return self.client.get_item(**request)

    def put_item(self, **request: Any) -> dict[str, Any]:
        hook, self.hook = self.hook, None
        if hook:
            hook()
        return self.client.put_item(**request)


def test_a_last_key_of_another_stack_is_refused_and_one_of_another_process_is_not(
    paged: LakeApi, tmp_path: Path
) -> None:
    good = last_key_of(paged)
    item = {"source": {"S": "#paging-key"}, "secret": {"B": secret_of(paged)}}
    for table in ("records", "counters", "sources"):
        paged.client.delete_table(TableName=table)
    with deployed_api(tmp_path) as other:
        refused(other, f"lastKey={good}")
    for table in ("records", "counters", "sources"):
        paged.client.delete_table(TableName=table)
    with deployed_api(tmp_path) as restarted:
        restarted.client.put_item(TableName="sources", Item=item)
        assert restarted.get("/records", f"lastKey={good}").status == 200


def test_functions_that_start_together_have_one_key(api: LakeApi) -> None:
    """Both find none, and the second to put its own finds that there is one."""
    client = Racing(sys.modules[MODULE]._dynamodb)
    first, second = (DynamoPagingKey(cast("HttpDynamoDb", client), "sources") for _ in range(2))
    client.hook = lambda: first.read_by(time.time() + SECONDS)
    key = second.read_by(time.time() + SECONDS)
    assert key == first.read_by(0) == secret_of(api)
    assert len(key) == 32


@pytest.mark.parametrize("secret", [b"short", b"x" * 33])
def test_nothing_is_signed_with_what_is_no_key(paged: LakeApi, secret: bytes) -> None:
    paged.client.put_item(TableName="sources", Item={"source": {"S": "#paging-key"}, "secret": {"B": secret}})
    assert paged.get("/records", "limit=1").status == 503


def test_no_key_is_read_where_none_is_needed(api: LakeApi) -> None:
    api.put(record(1, AT))
    assert api.get("/records").document["lastKey"] is None
    assert not api.client.scan(TableName="sources")["Items"]


# --- retention


def test_with_a_retention_the_index_is_not_asked_for_what_expired(aws: None, tmp_path: Path) -> None:
    _ = aws
    now = datetime.now(UTC)
    days = [(now - timedelta(days=back)).strftime("%Y-%m-%dT00:00:00Z") for back in (0, 10, 30, 31, 90)]
    with deployed_api(tmp_path, retention_days=30) as api:
        api.put(*(record(number, day) for number, day in enumerate(days)))
        assert ids(walk(api, 1)) == ["posts-0", "posts-1", "posts-2"]
        assert [api.get(f"/records/posts-{number}").status for number in range(5)] == [200, 200, 200, 404, 404]
