"""What the lean clients make of good and bad answers, over real connections."""

from __future__ import annotations

import base64
import hashlib
import time
import zlib
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import boto3
import pytest
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from harness.scripted_server import Says, answer, scripted_server

from runtime.aws.lean import connections
from runtime.aws.lean.dynamodb import LeanDynamoDb
from runtime.aws.lean.s3 import LeanS3, address_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from harness.scripted_server import ScriptedServer

BUSY = answer(b"<Error><Code>SlowDown</Code><Message>Please reduce your rate.</Message></Error>", "503 Slow Down")
NO_ANSWER = Says(hangs_up=True)


def credentials() -> ReadOnlyCredentials:
    return ReadOnlyCredentials("access", "secret", "a-token")


def client(service: str, **settings: Any) -> Any:
    return boto3.Session("access", "secret", region_name="eu-west-2").client(service, **settings)  # pyright: ignore[reportCallIssue, reportArgumentType, reportUnknownVariableType]  # either service


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.aws.lean.client._BACKOFF_SECONDS", 0)


@contextmanager
def s3(*script: Says) -> Generator[tuple[LeanS3, ScriptedServer]]:
    with (
        scripted_server(*script) as server,
        closing(LeanS3(client("s3", endpoint_url=server.url), credentials, "b")) as lean,
    ):
        yield lean, server


@contextmanager
def dynamodb(*script: Says) -> Generator[tuple[LeanDynamoDb, ScriptedServer]]:
    with (
        scripted_server(*script) as server,
        closing(LeanDynamoDb(client("dynamodb", endpoint_url=server.url), credentials)) as lean,
    ):
        yield lean, server


def read(lean: LeanS3, chunk_size: int = 1000) -> bytes:
    with closing(lean.get_object(Bucket="b", Key="k")["Body"]) as body:
        return b"".join(body.iter_chunks(chunk_size))


# --- connections


def test_one_connection_serves_one_request_after_the_other() -> None:
    with s3(answer(b"hello")) as (lean, server):
        assert [read(lean, 2), read(lean), read(lean)] == [b"hello"] * 3
        assert (server.connections, len(server.requests)) == (1, 3)


@pytest.mark.parametrize("said", [answer(b""), answer(b"hello", connection="close")])
def test_an_empty_body_and_one_that_ends_the_connection_are_read_like_others(said: Says) -> None:
    with s3(said) as (lean, server):
        assert read(lean) == read(lean)
        assert len(server.requests) == 2


def test_a_connection_that_was_closed_while_idle_costs_no_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lambda freezes the process between invocations: S3 closes what it has not heard of for some seconds."""
    monkeypatch.setattr("runtime.aws.lean.client._ATTEMPTS", 1)
    with s3(Says(answer(b"hello").raw, hangs_up=True)) as (lean, server):
        assert read(lean) == b"hello"
        wait_until(lambda: server.closed == 1)
        assert read(lean) == b"hello"
        assert server.connections == 2


def test_a_body_that_is_not_read_to_its_end_takes_its_connection_with_it() -> None:
    with s3(answer(b"hello" * 1000)) as (lean, server):
        lean.get_object(Bucket="b", Key="k")["Body"].close()
        assert read(lean) == b"hello" * 1000
        assert server.connections == 2


# --- faults


@pytest.mark.requirement("PULL-NFR-08")
@pytest.mark.parametrize("fault", [NO_ANSWER, BUSY, Says(b"what is this?\r\n\r\n", hangs_up=True)])
def test_a_fault_that_passes_is_not_seen(fault: Says) -> None:
    with s3(fault, fault, answer(b"hello")) as (lean, server):
        assert read(lean) == b"hello"
        assert len(server.requests) == 3


@pytest.mark.parametrize(("fault", "error"), [(NO_ANSWER, HTTPClientError), (BUSY, ClientError)])
def test_a_fault_that_stays_is_raised_after_three_attempts(fault: Says, error: type[Exception]) -> None:
    with s3(fault) as (lean, server):
        with pytest.raises(error):
            read(lean)
        assert len(server.requests) == 3


def test_an_answer_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "READ_SECONDS", 0.1)
    with s3(Says(stalls=True)) as (lean, server):
        with pytest.raises(HTTPClientError, match="timed out"):
            read(lean)
        assert len(server.requests) == 3


def test_where_nobody_listens_is_no_answer() -> None:
    with s3(answer()) as (lean, _):
        pass
    with pytest.raises(HTTPClientError, match="refused"):
        read(lean)


def test_a_refusal_is_raised_at_once_as_boto3_would() -> None:
    refusal = answer(
        b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code><Message>gone</Message></Error>", "404 Not Found"
    )
    with s3(refusal) as (lean, server):
        with pytest.raises(ClientError) as raised:
            read(lean)
        assert len(server.requests) == 1
    response: Any = raised.value.response
    assert response["Error"] == {"Code": "NoSuchKey", "Message": "gone"}
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert raised.value.operation_name == "GetObject"


# --- objects


@pytest.mark.parametrize(
    "broken",
    [
        Says(answer(b"hello").raw[:-1], hangs_up=True),
        answer(b"hello", x_amz_checksum_crc32="AAAAAA=="),
        answer(b"hello", x_amz_checksum_sha256=base64.b64encode(hashlib.sha256(b"HELLO").digest()).decode()),
        Says(b"HTTP/1.1 200 OK\r\n\r\nhello", hangs_up=True),
    ],
)
def test_a_body_that_is_not_what_was_put_is_never_taken_for_it(broken: Says) -> None:
    """S3 tells its length, and the checksum that it was put with; without the length its end could not be told."""
    with s3(broken) as (lean, _), pytest.raises(BotoCoreError):
        read(lean)


@pytest.mark.parametrize(
    "told",
    [
        {"x_amz_checksum_crc32": base64.b64encode(zlib.crc32(b"hello").to_bytes(4, "big")).decode()},
        {"x_amz_checksum_sha256": base64.b64encode(hashlib.sha256(b"hello").digest()).decode()},
        {"x_amz_checksum_crc32": "AAAAAA==-2"},  # of the parts of a multipart upload
        {"x_amz_checksum_crc64nvme": "not to be computed here"},
    ],
)
def test_a_checksum_that_fits_or_cannot_be_compared_stops_nothing(told: dict[str, str]) -> None:
    with s3(answer(b"hello", **told)) as (lean, server):
        assert read(lean, 2) == b"hello"
        assert "x-amz-checksum-mode: ENABLED" in server.requests[0][0]


@pytest.mark.parametrize(
    "key", ["/lead", "a//b", "../a", "a?b#c", "line\nbreak\r\nx-evil: 1", "\x00\x7f", "é\u202e", "%2F+ "]
)
def test_a_hostile_key_is_asked_for_exactly_and_adds_nothing_to_the_request(key: str) -> None:
    with s3(answer()) as (lean, server):
        lean.get_object(Bucket="b", Key=key, VersionId="a b&c")["Body"].close()
    request_line, *headers = server.requests[0][0].split("\r\n")
    path, _, query = request_line.removeprefix("GET ").removesuffix(" HTTP/1.1").partition("?")
    assert unquote(path) == f"/b/{key}"
    assert query == "versionId=a%20b%26c"
    assert not any("evil" in header for header in headers)


def test_another_bucket_is_refused_before_anything_is_sent() -> None:
    with s3(answer()) as (lean, server):
        with pytest.raises(ValueError, match="reads b, not c"):
            lean.get_object(Bucket="c", Key="k")
        assert server.requests == []


def test_requests_go_where_boto3s_go() -> None:
    """The bucket's own host on AWS, the path where the settings say so; nothing is sent to find out."""
    assert address_of(client("s3"), "landing") == "https://landing.s3.eu-west-2.amazonaws.com/-"
    fips = Config(use_fips_endpoint=True, s3={"addressing_style": "path"})
    assert address_of(client("s3", config=fips), "landing") == "https://s3-fips.eu-west-2.amazonaws.com/landing/-"
    here = "http://localhost:4566"
    assert address_of(client("s3", endpoint_url=here), "landing") == f"{here}/landing/-"


def test_temporary_credentials_are_sent_with_their_token() -> None:
    with s3(answer()) as (lean, server):
        read(lean)
    assert "x-amz-security-token: a-token" in server.requests[0][0]


# --- items


def test_a_refused_condition_brings_the_item_that_stands() -> None:
    document = b'{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","Item":{"pk":{"S":"k"}}}'
    with dynamodb(answer(document, "400 Bad Request")) as (lean, server):
        with pytest.raises(ClientError, match="ConditionalCheckFailedException") as raised:
            lean.put_item(TableName="t", Item={})
        assert len(server.requests) == 1
    assert raised.value.response.get("Item") == {"pk": {"S": "k"}}


@pytest.mark.parametrize(
    "fault",
    [
        NO_ANSWER,
        answer(b'{"Item"', x_amz_crc32="1"),
        Says(answer(b'{"Item": {}}').raw[:-1], hangs_up=True),
        answer(b'{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"x"}', "400 Bad Request"),
        answer(b"<html>no gateway</html>", "502 Bad Gateway"),
    ],
)
def test_an_item_is_asked_for_again_where_the_answer_did_not_arrive_whole(fault: Says) -> None:
    good = b'{"Item": {"pk": {"S": "k"}}}'
    with dynamodb(fault, answer(good, x_amz_crc32=str(zlib.crc32(good)))) as (lean, server):
        assert lean.get_item(TableName="t", Key={"pk": {"S": "k"}}) == {"Item": {"pk": {"S": "k"}}}
        assert len(server.requests) == 2


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
