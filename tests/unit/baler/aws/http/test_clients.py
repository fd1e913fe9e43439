"""What our HTTP clients make of good and bad answers, over real connections."""

from __future__ import annotations

import base64
import hashlib
import io
import time
import zlib
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, unquote
from xml.sax.saxutils import escape

import boto3
import pytest
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, HTTPClientError
from harness.scripted_server import Says, answer, scripted_server

from baler.aws.http.dynamodb import HttpDynamoDb
from baler.aws.http.s3 import HttpS3, address_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from harness.scripted_server import ScriptedServer

BUSY = answer(b"<Error><Code>SlowDown</Code><Message>Please reduce your rate.</Message></Error>", "503 Slow Down")
NO_ANSWER = Says(hangs_up=True)


def credentials() -> ReadOnlyCredentials:
    return ReadOnlyCredentials("access", "secret", "a-token")


def client(service: str, **settings: Any) -> Any:
    return boto3.Session("access", "secret", region_name="eu-west-2").client(service, **settings)  # pyright: ignore[reportCallIssue, reportArgumentType, reportUnknownVariableType]  # either service


@contextmanager
def s3(*script: Says) -> Generator[tuple[HttpS3, ScriptedServer]]:
    with (
        scripted_server(*script) as server,
        closing(HttpS3(client("s3", endpoint_url=server.url), credentials, "b")) as http,
    ):
        yield http, server


@contextmanager
def dynamodb(*script: Says) -> Generator[tuple[HttpDynamoDb, ScriptedServer]]:
    with (
        scripted_server(*script) as server,
        closing(HttpDynamoDb(client("dynamodb", endpoint_url=server.url), credentials)) as http,
    ):
        yield http, server


def read(http: HttpS3, chunk_size: int = 1000) -> bytes:
    with closing(http.get_object(Bucket="b", Key="k")["Body"]) as body:
        return b"".join(body.iter_chunks(chunk_size))


# --- connections


def test_one_connection_serves_one_request_after_the_other() -> None:
    with s3(answer(b"hello")) as (http, server):
        assert [read(http, 2), read(http), read(http)] == [b"hello"] * 3
        assert (server.connections, len(server.requests)) == (1, 3)


@pytest.mark.parametrize("said", [answer(b""), answer(b"hello", connection="close")])
def test_an_empty_body_and_one_that_ends_the_connection_are_read_like_others(said: Says) -> None:
    with s3(said) as (http, server):
        assert read(http) == read(http)
        assert len(server.requests) == 2


def test_a_connection_that_was_closed_while_idle_is_seen_to_be_before_it_is_used() -> None:
    """Lambda freezes the process between invocations: S3 closes what it has not heard of for some seconds."""
    with s3(Says(answer(b"hello").raw, hangs_up=True)) as (http, server):
        assert read(http) == b"hello"
        wait_until(lambda: server.closed == 1)
        assert read(http) == b"hello"
        assert (server.connections, len(server.requests)) == (2, 2)


def test_a_body_that_is_not_read_to_its_end_takes_its_connection_with_it() -> None:
    with s3(answer(b"hello" * 1000)) as (http, server):
        http.get_object(Bucket="b", Key="k")["Body"].close()
        assert read(http) == b"hello" * 1000
        assert server.connections == 2


# --- faults; what follows from them is in test_wire_faults.py


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (NO_ANSWER, HTTPClientError),
        (BUSY, ClientError),
        (Says(b"what is this?\r\n\r\n", hangs_up=True), HTTPClientError),
    ],
)
def test_a_fault_is_raised_after_one_request(fault: Says, error: type[Exception]) -> None:
    with s3(fault) as (http, server):
        with pytest.raises(error):
            read(http)
        assert len(server.requests) == 1


def test_where_nobody_listens_is_no_connection_as_boto3_has_it() -> None:
    with s3(answer()) as (http, _):
        pass
    with pytest.raises(EndpointConnectionError, match="Could not connect"):
        read(http)


def test_a_refusal_is_raised_at_once_as_boto3_would() -> None:
    refusal = answer(
        b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code><Message>gone</Message></Error>", "404 Not Found"
    )
    with s3(refusal) as (http, server):
        with pytest.raises(ClientError) as raised:
            read(http)
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
    with s3(broken) as (http, _), pytest.raises(BotoCoreError):
        read(http)


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
    with s3(answer(b"hello", **told)) as (http, server):
        assert read(http, 2) == b"hello"
        assert "x-amz-checksum-mode: ENABLED" in server.requests[0][0]


@pytest.mark.parametrize(
    "key", ["/lead", "a//b", "../a", "a?b#c", "line\nbreak\r\nx-evil: 1", "\x00\x7f", "é\u202e", "%2F+ "]
)
def test_a_hostile_key_is_asked_for_exactly_and_adds_nothing_to_the_request(key: str) -> None:
    with s3(answer()) as (http, server):
        http.get_object(Bucket="b", Key=key, VersionId="a b&c")["Body"].close()
    request_line, *headers = server.requests[0][0].split("\r\n")
    path, _, query = request_line.removeprefix("GET ").removesuffix(" HTTP/1.1").partition("?")
    assert unquote(path) == f"/b/{key}"
    assert query == "versionId=a%20b%26c"
    assert not any("evil" in header for header in headers)


def test_another_bucket_is_refused_before_anything_is_sent() -> None:
    with s3(answer()) as (http, server):
        with pytest.raises(ValueError, match="is for b, not c"):
            http.get_object(Bucket="c", Key="k")
        assert server.requests == []


def test_requests_go_where_boto3s_go() -> None:
    """The bucket's own host on AWS, the path where the settings say so; nothing is sent to find out."""
    assert address_of(client("s3"), "landing") == "https://landing.s3.eu-west-2.amazonaws.com/-"
    fips = Config(use_fips_endpoint=True, s3={"addressing_style": "path"})
    assert address_of(client("s3", config=fips), "landing") == "https://s3-fips.eu-west-2.amazonaws.com/landing/-"
    here = "http://localhost:4566"
    assert address_of(client("s3", endpoint_url=here), "landing") == f"{here}/landing/-"


def test_temporary_credentials_are_sent_with_their_token() -> None:
    with s3(answer()) as (http, server):
        read(http)
    assert "x-amz-security-token: a-token" in server.requests[0][0]


# --- items


def test_a_refused_condition_brings_the_item_that_stands() -> None:
    document = b'{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","Item":{"pk":{"S":"k"}}}'
    with dynamodb(answer(document, "400 Bad Request")) as (http, server):
        with pytest.raises(ClientError, match="ConditionalCheckFailedException") as raised:
            http.put_item(TableName="t", Item={})
        assert len(server.requests) == 1
    assert raised.value.response.get("Item") == {"pk": {"S": "k"}}


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (answer(b'{"Item": {}}', x_amz_crc32="1"), HTTPClientError),
        (answer(b'{"Item"'), HTTPClientError),
        (Says(answer(b'{"Item": {}}').raw[:-1], hangs_up=True), HTTPClientError),
        (answer(b"<html>no gateway</html>", "502 Bad Gateway"), ClientError),
        (answer(b"[]", "400 Bad Request"), ClientError),
    ],
)
def test_an_item_that_did_not_arrive_whole_is_none(fault: Says, error: type[Exception]) -> None:
    with dynamodb(fault) as (http, _), pytest.raises(error):
        http.get_item(TableName="t", Key={"pk": {"S": "k"}})


def test_an_item_is_read() -> None:
    good = b'{"Item": {"pk": {"S": "k"}}}'
    with dynamodb(answer(good, x_amz_crc32=str(zlib.crc32(good)))) as (http, _):
        assert http.get_item(TableName="t", Key={"pk": {"S": "k"}}) == {"Item": {"pk": {"S": "k"}}}


# --- listings


@pytest.mark.parametrize("key", ["a", "a b", "a+b", "ü/ä", "a&b<c>", "line\nend", "\x01", "%41", "'\"", "~", "🙂"])
@pytest.mark.parametrize("more", ["", "next&/+="])
def test_a_listing_is_read_as_boto3_reads_it(key: str, more: str) -> None:
    token = f"<NextContinuationToken>{escape(more)}</NextContinuationToken>" if more else ""
    page = answer(
        f"<ListBucketResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'><EncodingType>url</EncodingType>"
        f"<IsTruncated>{str(bool(more)).lower()}</IsTruncated>{token}<Contents><Key>{quote_plus(key, safe='/')}</Key>"
        f"<LastModified>2026-11-20T09:01:02.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>5</Size></Contents>"
        f"</ListBucketResult>".encode()
    )
    with s3(page) as (http, server):
        found = http.list_objects_v2(Bucket="b", Prefix="p")
        with closing(client("s3", endpoint_url=server.url)) as boto:
            theirs = boto.list_objects_v2(Bucket="b", Prefix="p")
    assert found["Contents"] == theirs["Contents"]
    assert found["Contents"][0]["Key"] == key
    assert found["NextContinuationToken"] == theirs.get("NextContinuationToken", "") == more


# --- bundles


def test_a_put_has_what_boto3_sends() -> None:
    body = io.BytesIO(b"a bundle")
    digest = hashlib.sha256(b"a bundle")
    with s3(answer()) as (http, server):
        http.put_object(
            Bucket="b",
            Key="bundles/k.tar.gz",
            Body=body,
            ContentLength=8,
            ContentType="application/gzip",
            ChecksumSHA256=base64.b64encode(digest.digest()).decode(),
            Metadata={"file-count": "1"},
            IfNoneMatch="*",
        )
    head, sent = server.requests[0]
    lines = set(head.split("\r\n"))
    assert sent == b"a bundle"
    assert {
        "PUT /b/bundles/k.tar.gz HTTP/1.1",
        "content-length: 8",
        "content-type: application/gzip",
        f"x-amz-checksum-sha256: {base64.b64encode(digest.digest()).decode()}",
        f"x-amz-content-sha256: {digest.hexdigest()}",
        "x-amz-meta-file-count: 1",
        "if-none-match: *",
    } <= lines
    signed = next(line for line in lines if line.startswith("authorization:"))
    assert "if-none-match;x-amz-checksum-sha256;" in signed


def test_an_answer_that_comes_before_the_body_was_taken_is_heard() -> None:
    """S3 refuses a large put at once, and does not wait for the rest of it."""
    refusal = Says(answer(b"<Error><Code>AccessDenied</Code></Error>", "403 Forbidden").raw, hangs_up=True)
    size = 20_000_000
    with s3(refusal) as (http, _), pytest.raises(ClientError, match="AccessDenied"):
        http.put_object(
            Bucket="b",
            Key="k",
            Body=io.BytesIO(bytes(size)),
            ContentLength=size,
            ContentType="application/gzip",
            ChecksumSHA256=base64.b64encode(bytes(32)).decode(),
        )


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
