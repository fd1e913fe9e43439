"""What is left of a curation that died at any point is put right by those that run after it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from harness.lake_functions import LakeStores, LambdaPoller, announced, invoke, sqs_event, sqs_record, started
from harness.sightings import order

from baler.lake.counters import Day, Total, counters_of
from baler.lake.declarations import shipped_declarations
from baler.lake.order import read_time
from runtime.lake.curation.message_batch import TRIES_MAX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baler.lake.announcement import Announcement

KILLED_FUNCTION: Final = Path(__file__).parents[3] / "harness" / "killed_lake_function.py"
PROJECT: Final = Path(__file__).parents[4]
TABLES: Final = "baler.aws.http.dynamodb.HttpDynamoDb"
BUCKETS: Final = "baler.aws.http.s3.HttpS3"
QUEUES: Final = "baler.aws.http.sqs.HttpSqs"
POSTS: Final = "jsonplaceholder"
POLLS_MAX: Final = 20
# More than a transaction takes, so that there are two.
MANY: Final = 130


@pytest.fixture
def stores(aws: None, tmp_path: Path) -> LakeStores:  # noqa: ARG001 - where they are made
    path = tmp_path / "sources.toml"
    path.write_text(shipped_declarations(), encoding="utf-8")
    return LakeStores.make(str(path))


@pytest.fixture
def curation(stores: LakeStores) -> Iterator[Any]:
    yield from started(stores.variables)


def ingest(stores: LakeStores, title: str, numbers: range, at: str, generation: int, *bad: object) -> Announcement:
    items = [{"id": number, "userId": 1, "title": title, "body": "b"} for number in numbers]
    return stores.ingest(POSTS, order(at, generation), json.dumps([*items, *bad]).encode())


def run(stores: LakeStores, event: dict[str, Any], point: str) -> tuple[int, list[str]]:
    """Run curation in a process of its own; return how that ended and what its answer names."""
    path = os.pathsep.join((str(PROJECT), str(PROJECT / "tests")))
    environment = {"POWERTOOLS_TRACE_DISABLED": "true", "POWERTOOLS_SERVICE_NAME": "curation", "PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, str(KILLED_FUNCTION), json.dumps(event), point],
        env={**os.environ, **stores.variables, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    if done.returncode:
        return done.returncode, []
    answer = json.loads(done.stdout.rpartition("\n")[2])
    return 0, [each["itemIdentifier"] for each in answer["batchItemFailures"]]


@pytest.mark.requirement("LAKE-CURATE-02", "LAKE-SCALE-02")
@pytest.mark.parametrize(
    "point",
    [
        f"{when} {call}"
        for call in (
            f"{BUCKETS}.get_object:1",
            f"{BUCKETS}.get_object:2",
            f"{TABLES}.batch_get_item:1",
            f"{TABLES}.transact_write_items:1",
            f"{TABLES}.transact_write_items:2",
            f"{TABLES}.put_item:1",
            f"{TABLES}.update_item:1",
            f"{BUCKETS}.put_object:1",
        )
        for when in ("before", "after")
    ]
    + ["at the answer"],
)
def test_records_and_counters_are_the_same_whatever_point_curation_dies_at(
    stores: LakeStores, curation: Any, point: str
) -> None:
    red = ingest(stores, "red", range(MANY), "2026-03-08T10:00", 1)
    # Of the second object some are replaced, one that is new is counted, one is bad; the third only stamps.
    blue = ingest(stores, "blue", range(3), "2026-03-09T10:05", 1001, 7, {"id": MANY, "userId": 1, "title": "t"})
    again = ingest(stores, "blue", range(2), "2026-03-09T10:10", 2001)
    bodies = [announced(each) for each in (red, blue, again)]
    assert run(stores, sqs_event(bodies), point) == (-signal.SIGKILL, [])
    # Each comes alone, and the last one first.
    for number in reversed(range(3)):
        assert invoke(curation, {"Records": [sqs_record(f"m{number}", bodies[number], receives=2)]}) == []
    records = stores.records()
    assert len(records) == MANY + 1
    shown = [item["title"]["S"] for item in records.values()]
    assert {title: shown.count(title) for title in shown} == {"red": MANY - 3, "blue": 3, "t": 1}
    days = [Day(POSTS, read_time(item["captured_at"]["S"]).date()) for item in records.values()]
    assert stores.counted() == counters_of(days)
    assert stores.messages("DEAD_LETTER_QUEUE_URL") == []
    assert len(stores.rejected()) == 1


@pytest.mark.requirement("LAKE-CURATE-04")
def test_a_message_that_kills_is_a_dead_letter_after_three_tries_and_takes_no_neighbour_along(
    stores: LakeStores,
) -> None:
    killer = announced(ingest(stores, "killer", range(1), "2026-03-08T10:00", 1))
    neighbours = [
        announced(ingest(stores, "good", range(1, 2 + number), f"2026-03-08T11:0{number}", 1001 + number))
        for number in range(3)
    ]
    kills: list[int] = []

    def receive(event: dict[str, Any]) -> tuple[bool, list[str]]:
        ended, stay = run(stores, event, "at the content")
        if ended:
            kills.append(ended)
        return not ended, stay

    poller = LambdaPoller(stores.variables["QUEUE_URL"], receive)
    poller.send(neighbours[0], killer, *neighbours[1:])
    polls = 0
    while poller.poll():
        polls += 1
        assert polls < POLLS_MAX
    assert len(kills) == TRIES_MAX
    assert [each["Body"] for each in stores.messages("DEAD_LETTER_QUEUE_URL")] == [killer]
    assert stores.messages("QUEUE_URL") == []
    shown = {each: item["title"]["S"] for each, item in stores.records().items()}
    assert shown == {f"{POSTS}-{number}": "good" for number in range(1, 4)}
    assert stores.counted()[Total(POSTS)] == len(shown)
