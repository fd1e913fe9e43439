"""The real handler over real stores (moto), message by message."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

import boto3
import pytest
from botocore.exceptions import ClientError
from harness.emf import samples, values
from harness.lake_functions import LakeStores, announced, invoke, sqs_event, sqs_record, started
from harness.sightings import order

from baler.lake.announcement import Announcement
from baler.lake.counters import Day, Total
from baler.lake.declarations import shipped_declarations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POSTS: Final = "jsonplaceholder"
QUEUE, DEAD = "QUEUE_URL", "DEAD_LETTER_QUEUE_URL"
TEST_EVENT: Final = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "raw-bucket"})


@pytest.fixture
def stores(aws: None, tmp_path: Path) -> LakeStores:  # noqa: ARG001 - where they are made
    path = tmp_path / "sources.toml"
    path.write_text(shipped_declarations(), encoding="utf-8")
    return LakeStores.make(str(path))


@pytest.fixture
def curation(stores: LakeStores) -> Iterator[Any]:
    yield from started(stores.variables)


def posts(*titles: str) -> bytes:
    return json.dumps([{"id": n, "userId": 1, "title": title, "body": "b"} for n, title in enumerate(titles)]).encode()


def ingest(stores: LakeStores, *titles: str, at: str = "2026-03-08T10:00", generation: int = 1) -> Announcement:
    return stores.ingest(POSTS, order(at, generation), posts(*titles))


def titles(stores: LakeStores) -> dict[str, str]:
    return {each: item["title"]["S"] for each, item in stores.records().items()}


def attributes(message: dict[str, Any]) -> dict[str, str]:
    return {name: each["StringValue"] for name, each in message.get("MessageAttributes", {}).items()}


def refusing(module: Any, client: str, call: str, code: str = "AccessDeniedException") -> Any:
    error = ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": 400}}, call)  # pyright: ignore[reportArgumentType] - all that is read of it
    return mock.patch.object(type(getattr(module, client)), call, side_effect=error)


@pytest.mark.requirement("LAKE-FUTURE-03")
def test_what_is_announced_is_curated_and_counted(stores: LakeStores, curation: Any) -> None:
    first, second = ingest(stores, "red", "blue"), ingest(stores, "red", "green", at="2026-03-08T10:05", generation=2)
    assert invoke(curation, sqs_event([announced(second), announced(first)])) == []
    assert titles(stores) == {f"{POSTS}-0": "red", f"{POSTS}-1": "green"}
    assert stores.counted()[Total(POSTS)] == 2
    assert stores.messages(QUEUE) == stores.messages(DEAD) == []


def test_one_message_may_announce_several_objects_and_one_object_be_announced_twice(
    stores: LakeStores, curation: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = ingest(stores, "red"), ingest(stores, "red", "blue", at="2026-03-08T10:05", generation=2)
    assert invoke(curation, sqs_event([announced(first, second), announced(second), TEST_EVENT])) == []
    found = samples(capsys.readouterr().out.splitlines())
    assert values(found, "RecordsNew", stack="test") == [2]
    assert stores.counted()[Total(POSTS)] == 2


@pytest.mark.requirement("LAKE-CURATE-04")
def test_a_bad_message_is_tried_three_times_and_then_a_dead_letter_with_its_reason(
    stores: LakeStores, curation: Any
) -> None:
    good = ingest(stores, "red")
    html = stores.ingest(POSTS, order("2026-03-08T10:05", 2), b"<html>")
    bad = {"malformed_message": "no event", "unreadable": announced(html)}
    gone = Announcement(good.key.replace("08/", "07/").replace("0308T", "0307T"), None, 0.0)
    bad |= {"foreign_object": announced(Announcement("raw/x", None, 0.0)), "object_missing": announced(gone)}
    boto3.client("s3").put_object(Bucket="raw-bucket", Key="raw/x", Body=b"x")
    for number, (reason, body) in enumerate(bad.items()):
        batch = [sqs_record("bad", body), sqs_record("good", announced(good))]
        assert invoke(curation, {"Records": batch}) == ["bad"]
        assert invoke(curation, {"Records": [sqs_record("bad", body, receives=2)]}) == ["bad"]
        assert stores.messages(DEAD) == []
        assert invoke(curation, {"Records": [sqs_record("bad", body, receives=3)]}) == []
        (letter,) = stores.messages(DEAD)
        assert letter["Body"] == body
        assert attributes(letter) == {
            "reason": reason,
            "message-id": "bad",
            "sent-timestamp": "1773014400000",
            "receive-count": "3",
        }, number
        boto3.client("sqs").delete_message(QueueUrl=stores.variables[DEAD], ReceiptHandle=letter["ReceiptHandle"])
    assert titles(stores) == {f"{POSTS}-0": "red"}


def test_bad_records_of_a_good_object_are_set_aside_at_the_first_receive(
    stores: LakeStores, curation: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    body = json.dumps([*json.loads(posts("red")), 7, {"title": "no id"}]).encode()
    assert invoke(curation, sqs_event([announced(stores.ingest(POSTS, order("2026-03-08T10:00"), body))])) == []
    assert [each["place"] for each in stores.rejected()] == [1, 2]
    assert titles(stores) == {f"{POSTS}-0": "red"}
    found = samples(capsys.readouterr().out.splitlines())
    assert values(found, "RecordsSetAside", stack="test", source=POSTS) == [2]
    assert values(found, "ProcessingErrors", stack="test") == [0]


@pytest.mark.parametrize(
    ("client", "call"), [("_s3", "get_object"), ("_dynamodb", "batch_get_item"), ("_dynamodb", "transact_write_items")]
)
def test_an_outage_uses_up_no_try_and_waits_ever_longer(
    stores: LakeStores, curation: Any, client: str, call: str
) -> None:
    body, delays = announced(ingest(stores, "red")), list[int]()
    waits: dict[str, int] = {}
    for number in range(12):
        with (
            refusing(curation, client, call),
            mock.patch.object(curation.random, "random", return_value=0.5),
            mock.patch.object(type(curation._sqs), "send_message_batch", return_value={}) as send,
        ):
            assert invoke(curation, sqs_event([body], attributes=waits)) == []
        (entry,) = send.call_args.kwargs["Entries"]
        assert entry["MessageBody"] == body
        waits = {name: int(each["StringValue"]) for name, each in entry["MessageAttributes"].items()}
        assert waits == {"tries": 0, "waits": number + 1}
        delays.append(entry["DelaySeconds"])
    assert (delays[:3], delays[-1]) == ([2, 4, 8], 900)
    assert invoke(curation, sqs_event([body], attributes=waits)) == []
    assert titles(stores) == {f"{POSTS}-0": "red"}


def test_an_outage_after_a_failed_try_leaves_the_tries_as_they_are(stores: LakeStores, curation: Any) -> None:
    body = announced(ingest(stores, "red"))
    with (
        refusing(curation, "_s3", "get_object"),
        mock.patch.object(type(curation._sqs), "send_message_batch", return_value={}) as send,
    ):
        assert invoke(curation, sqs_event([body], receives=3)) == []
    (entry,) = send.call_args.kwargs["Entries"]
    assert entry["MessageAttributes"]["tries"]["StringValue"] == "2"


def test_a_message_whose_copy_is_not_taken_stays(stores: LakeStores, curation: Any) -> None:
    body = announced(ingest(stores, "red"))
    with refusing(curation, "_s3", "get_object"), refusing(curation, "_sqs", "send_message_batch"):
        assert invoke(curation, sqs_event([body])) == ["m0"]


def test_an_error_that_nobody_foresaw_fails_its_message_alone(
    stores: LakeStores, curation: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = ingest(stores, "red"), ingest(stores, "red", "blue", at="2026-03-08T10:05", generation=2)
    handled, content = curation.Curator.handle, "content " + "of a source"

    def fail(self: Any, key: str, version: str | None, deadline: float) -> Any:
        if key == first.key:
            raise KeyError(content)
        return handled(self, key, version, deadline)

    with mock.patch.object(curation.Curator, "handle", fail):
        assert invoke(curation, sqs_event([announced(first), announced(second)])) == ["m0"]
    assert titles(stores) == {f"{POSTS}-0": "red", f"{POSTS}-1": "blue"}
    out = capsys.readouterr().out
    assert "KeyError" in out
    assert content not in out
    assert values(samples(out.splitlines()), "ProcessingErrors", stack="test", reason="unforeseen") == [1]


def test_nothing_is_begun_that_cannot_end_before_the_deadline(stores: LakeStores, curation: Any) -> None:
    body = announced(ingest(stores, "red"))
    assert invoke(curation, sqs_event([body]), seconds=8.0) == []
    assert titles(stores) == {}
    with mock.patch.object(type(curation._sqs), "send_message_batch", return_value={}) as send:
        assert invoke(curation, sqs_event([body]), seconds=8.0) == []
    (entry,) = send.call_args.kwargs["Entries"]
    assert {name: each["StringValue"] for name, each in entry["MessageAttributes"].items()} == {
        "tries": "0",
        "waits": "0",
    }


def test_a_message_that_came_again_is_alone_when_it_is_begun(stores: LakeStores, curation: Any) -> None:
    fresh, suspect = ingest(stores, "red"), ingest(stores, "red", "blue", at="2026-03-08T10:05", generation=2)
    other = ingest(stores, "x", at="2026-03-08T10:10", generation=3)
    done: list[str] = []
    handled = curation.Curator.handle

    def handle(self: Any, key: str, version: str | None, deadline: float) -> Any:
        if key == suspect.key:
            done.append("begun")
        return handled(self, key, version, deadline)

    def record(self: Any, **request: Any) -> Any:  # noqa: ARG001 - as it is called
        done.append(f"deleted {len(request['Entries'])}")
        return {}

    batch = [
        sqs_record("suspect", announced(suspect), receives=2),
        sqs_record("other", announced(other), receives=2),
        sqs_record("fresh", announced(fresh)),
    ]
    with (
        mock.patch.object(curation.Curator, "handle", handle),
        mock.patch.object(type(curation._sqs), "delete_message_batch", record),
    ):
        assert invoke(curation, {"Records": batch}) == []
    assert done == ["deleted 2", "begun"]
    assert titles(stores) == {f"{POSTS}-0": "red", f"{POSTS}-1": "blue"}


@pytest.mark.requirement("LAKE-OBS-02")
def test_metrics_say_what_was_done_by_source_and_how_long_it_took(
    stores: LakeStores, curation: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    first = ingest(stores, "red", "blue")
    assert invoke(curation, sqs_event([announced(first)])) == []
    capsys.readouterr()
    second = ingest(stores, "red", "green", "new", at="2026-03-08T10:05", generation=2)
    assert invoke(curation, sqs_event([announced(second), "no event"])) == ["m1"]
    out = capsys.readouterr().out
    found = samples(out.splitlines())
    for dimensions in ({"stack": "test"}, {"stack": "test", "source": POSTS}):
        said = {
            name: values(found, name, **dimensions) for name in ("RecordsProcessed", "RecordsNew", "RecordsReplaced")
        }
        assert said == {"RecordsProcessed": [2], "RecordsNew": [1], "RecordsReplaced": [1]}
    assert values(found, "ProcessingErrors", stack="test") == [1]
    assert values(found, "MessagesProcessed", stack="test") == [2]
    (latency,) = values(found, "CurationLatency", stack="test")
    assert latency > 0
    assert {each.namespace for each in found} == {"Baler/Lake"}
    assert "green" not in out


def test_raw_objects_older_than_the_retention_bring_nothing_back(
    stores: LakeStores, capsys: pytest.CaptureFixture[str]
) -> None:
    days = (datetime.now(UTC) - datetime(2026, 3, 8, tzinfo=UTC)).days
    old = ingest(stores, "red", "gone", at="2026-03-08T10:00")
    new = ingest(stores, "red", at="2026-03-10T10:00", generation=2)
    # Kept are the days from the tenth on.
    for module in started({**stores.variables, "RETENTION_DAYS": str(days - 2)}):
        assert invoke(module, sqs_event([announced(new), announced(old)])) == []
        assert invoke(module, sqs_event([announced(old)])) == []
    (record,) = stores.records().values()
    assert record["captured_at"] == {"S": "2026-03-10T10:00:00Z"}
    assert stores.counted() == {Day(POSTS, date(2026, 3, 10)): 1, Total(POSTS): 1}
    assert values(samples(capsys.readouterr().out.splitlines()), "ProcessingErrors", stack="test") == [0, 0]


@pytest.mark.parametrize("versions", ["", "versions"])
def test_a_source_that_goes_back_to_an_earlier_state(stores: LakeStores, versions: str) -> None:
    record = f"{POSTS}-0"
    red, blue = (
        ingest(stores, "red", at="2026-03-08T10:00"),
        ingest(stores, "blue", at="2026-03-08T10:05", generation=2),
    )
    again = ingest(stores, "red", at="2026-03-08T10:10", generation=3)
    for module in started({**stores.variables, "VERSIONS_TABLE": versions}):
        for one in (red, blue, again, again):
            assert invoke(module, sqs_event([announced(one)])) == []
    (item,) = stores.records().values()
    assert (item["title"]["S"], item["raw_s3_key"]["S"]) == ("red", again.key)
    assert (item["captured_at"]["S"], item["changed_at"]["S"]) == ("2026-03-08T10:00:00Z", "2026-03-08T10:10:00Z")
    kept = [each.raw_s3_key for each in stores.versions(record)]
    assert kept == ([red.key, blue.key, again.key] if versions else [])
    assert stores.counted() == {Day(POSTS, date(2026, 3, 8)): 1, Total(POSTS): 1}


def test_versions_end_with_the_day_on_which_they_were_seen(stores: LakeStores) -> None:
    days = (datetime.now(UTC) - datetime(2026, 3, 8, tzinfo=UTC)).days
    red = ingest(stores, "red", at="2026-03-08T10:00")
    for module in started({**stores.variables, "VERSIONS_TABLE": "versions", "RETENTION_DAYS": str(days)}):
        assert invoke(module, sqs_event([announced(red)])) == []
    (item,) = boto3.client("dynamodb").scan(TableName="versions")["Items"]
    assert item["expires_at"] == stores.records()[f"{POSTS}-0"]["expires_at"]
