"""One suite for every call of the event stream's functions: what the wire can do wrong, and what follows.

`Refused` means that nothing was done, any other `Unavailable` that this is not known; nothing else leaves an adapter,
and none of them outlasts the deadline.
"""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.credentials import ReadOnlyCredentials
from harness.scripted_server import Says, answer, chunked, scripted_server

from baler.aws.http.dynamodb import HttpDynamoDb
from baler.aws.http.s3 import HttpS3
from baler.aws.http.sqs import HttpSqs
from baler.aws.queue import OutgoingMessage, SqsQueue
from baler.events.aws.progress_items import batch_item
from baler.events.aws.progress_table import DynamoProgressTable
from baler.events.raw_object import StreamObject
from baler.events.stream.commit import commit
from baler.events.stream.committed_batch import CommittedBatch
from baler.events.stream.shard_key import ShardKey
from baler.store_errors import Refused, Unavailable
from runtime.events.aws.batch_table import DynamoBatchTable
from runtime.events.aws.processed_store import S3ProcessedTarget
from runtime.events.aws.raw_store import S3RawSource, S3RawStore
from runtime.events.aws.run_table import DynamoRunTable

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from harness.scripted_server import ScriptedServer

SHARD = ShardKey("arn:aws:kinesis:stream", 1_795_000_000, "shardId-000000000000")
OBJECT = StreamObject("raw/data_" + "ab" * 32 + ".json", b"content\n", 1)
BATCH = CommittedBatch(SHARD, "01", "02", "05", (OBJECT.key,), None, 1, 0, 1_795_165_262.5)
SESSION = boto3.Session("access", "secret", region_name="eu-west-2")
# Far enough for each call here, near enough that a call that ignored it would be noticed.
SOON = 0.6


class Wire:
    """The functions' clients, on one server."""

    def __init__(self, url: str) -> None:
        def client(service: Any) -> Any:
            return SESSION.client(service, endpoint_url=url)  # pyright: ignore[reportUnknownVariableType]  # any of three

        self.s3 = HttpS3(client("s3"), credentials, "bucket")
        self.tables = HttpDynamoDb(client("dynamodb"), credentials)
        self.sqs = HttpSqs(client("sqs"), credentials)
        self.pool = ThreadPoolExecutor(4)

    def progress(self, deadline: float) -> DynamoProgressTable:
        return DynamoProgressTable(self.tables, "progress", deadline)

    def close(self) -> None:
        self.pool.shutdown()
        for client in (self.s3, self.tables, self.sqs):
            client.close()


def credentials() -> ReadOnlyCredentials:
    return ReadOnlyCredentials("access", "secret", None)


def runs(wire: Wire, deadline: float) -> DynamoRunTable:
    return DynamoRunTable(wire.tables, "progress", lambda: deadline)


CALLS: dict[str, Callable[[Wire, float], object]] = {
    "frontier": lambda wire, deadline: wire.progress(deadline).frontier(SHARD),
    "batch": lambda wire, deadline: wire.progress(deadline).batch(SHARD, "05"),
    "commit": lambda wire, deadline: wire.progress(deadline).commit(BATCH),
    "note": lambda wire, deadline: wire.progress(deadline).note_processed(SHARD, "05", OBJECT.key),
    "begin": lambda wire, deadline: runs(wire, deadline).begin(SHARD, "05", "run"),
    "end": lambda wire, deadline: runs(wire, deadline).end(SHARD, "05", "run"),
    "raw.put": lambda wire, deadline: S3RawStore(wire.s3, "bucket", wire.pool, deadline).put([OBJECT, OBJECT]),
    "raw.get": lambda wire, deadline: S3RawSource(wire.s3, "bucket", deadline).get(OBJECT.key),
    "processed.put": lambda wire, deadline: S3ProcessedTarget(wire.s3, "bucket", deadline).put(OBJECT.key, b""),
    "report": lambda wire, deadline: DynamoBatchTable(wire.tables, "batches", 30, deadline).put(BATCH),
    "visibility": lambda wire, deadline: SqsQueue(wire.sqs, "https://q", deadline).set_visibility({"handle": 5}),
}


def document(code: str) -> bytes:
    """An error that is understood by S3's reader and by the others'."""
    return f'{{"__type": "com.amazonaws#{code}", "message": "<Error><Code>{code}</Code></Error>"}}'.encode()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("baler.aws.attempts._BACKOFF_SECONDS", 0)


@contextmanager
def wire(*script: Says) -> Generator[tuple[Wire, ScriptedServer]]:
    with scripted_server(*script) as server, closing(Wire(server.url)) as clients:
        yield clients, server


def failures(clients: Wire, seconds: float = 30.0) -> dict[str, type[Unavailable]]:
    """Make every call at once; return what each failed with."""

    def fail(name: str) -> type[Unavailable]:
        with pytest.raises(Unavailable) as raised:
            CALLS[name](clients, time.time() + seconds)
        return raised.type

    with ThreadPoolExecutor(len(CALLS)) as pool:
        return dict(zip(CALLS, pool.map(fail, CALLS), strict=True))


@pytest.mark.parametrize("framed", [answer, chunked])
@pytest.mark.parametrize("code", ["AccessDenied", "ThrottlingException", "ResourceNotFoundException"])
def test_a_refusal_has_done_nothing_however_it_is_framed(framed: Callable[..., Says], code: str) -> None:
    with wire(framed(document(code), "400 Bad Request")) as (clients, _):
        assert failures(clients) == dict.fromkeys(CALLS, Refused)


@pytest.mark.parametrize(
    "says", [answer(b"", "500 Internal Server Error"), Says(hangs_up=True), answer(b"{", "200 OK", content_length="9")]
)
def test_after_an_answer_that_says_nothing_it_is_not_known_what_was_done(says: Says) -> None:
    with wire(Says(says.raw, hangs_up=True)) as (clients, _):
        assert failures(clients) == dict.fromkeys(CALLS, Unavailable)


def test_no_call_outlasts_the_deadline_where_the_service_says_nothing() -> None:
    with wire(Says(stalls=True)) as (clients, _):
        began = time.monotonic()
        assert set(failures(clients, SOON)) == set(CALLS)
        assert time.monotonic() - began < SOON + 2


def test_messages_that_may_not_have_been_sent_are_named() -> None:
    with wire(Says(hangs_up=True)) as (clients, _):
        failed = SqsQueue(clients.sqs, "https://q", time.time() + 30).send("send", [OutgoingMessage("m")] * 12)
        assert sorted(failed) == list(range(12))


def test_a_commit_whose_answer_was_lost_is_found_to_be_ours() -> None:
    lost = Says(hangs_up=True)
    reasons = [{"Code": "ConditionalCheckFailed", "Message": "no"}, {"Code": "None"}]
    cancelled = {
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "CancellationReasons": reasons,
    }
    refused = answer(json.dumps(cancelled).encode(), "400 Bad Request")
    batch = answer(json.dumps({"Item": batch_item(BATCH)}).encode())
    with wire(lost, refused, batch) as (clients, server):
        assert commit(clients.progress(time.time() + 30), BATCH)
        # A kept connection that is closed before an answer costs one request more.
        operations = [
            head.partition("DynamoDB_20120810.")[2].split("\r\n")[0].split()[0] for head, _ in server.requests
        ]
        assert operations == ["TransactWriteItems", "TransactWriteItems", "GetItem"]


def test_a_put_whose_answer_was_lost_finds_its_own_object() -> None:
    taken = chunked(document("PreconditionFailed"), "412 Precondition Failed")
    with wire(Says(hangs_up=True), taken) as (clients, server):
        S3RawStore(clients.s3, "bucket", clients.pool, time.time() + 30).put([OBJECT])
        assert [head.lower().count("if-none-match: *") for head, _ in server.requests] == [1, 1]


def test_puts_that_met_each_other_are_made_again() -> None:
    conflict = chunked(document("ConditionalRequestConflict"), "409 Conflict")
    with wire(conflict, answer(b"")) as (clients, server):
        S3RawStore(clients.s3, "bucket", clients.pool, time.time() + 30).put([OBJECT])
        assert len(server.requests) == 2
