"""The courier's mailbox: on moto, and by a server that answers as S3 does and moto does not."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.credentials import ReadOnlyCredentials
from harness.scripted_server import Says, answer, chunked, scripted_server

from baler.aws.http.s3 import HttpS3
from baler.files.aws.bundle_object import bundle_metadata, put_bundle
from baler.files.bundle.ids import bundle_key, new_bundle_id, quarantine_key
from baler.files.bundle.manifest import ManifestFile
from baler.files.bundle.writer import Bundle
from baler.files.courier.delivery_record import DeliveryId
from baler.store_errors import Refused, Unavailable
from runtime.files.aws.mailbox import S3CourierMailbox
from runtime.files.courier.ports import DamagedError, GoneError, WaitingBundle

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from harness.scripted_server import ScriptedServer
    from mypy_boto3_s3 import S3Client

    from runtime.files.aws.clients import CourierClients

pytestmark = pytest.mark.usefixtures("aws")

NOW = 1_795_165_262.0
IDS = [new_bundle_id(NOW + second, b"12345678") for second in range(3)]
LANDED = "2026-11-20T09:01:02.500Z"
BODY = bytes(range(256)) * 2000  # four pieces


@pytest.fixture
def mailbox(clients: CourierClients) -> S3CourierMailbox:
    return S3CourierMailbox(clients.mailbox, "mailbox")


def put(
    s3: S3Client, bundle_id: str = IDS[0], body: bytes = BODY, more: Mapping[str, str] = MappingProxyType({})
) -> None:
    file = ManifestFile("a", "v", 1, LANDED, "cd" * 32, "files/a")
    bundle = Bundle(bundle_id, io.BytesIO(body), len(body), hashlib.sha256(body).hexdigest(), (file,), b"{}")
    metadata = {**bundle_metadata(bundle), **more}
    if "content-sha256" in more:
        s3.put_object(Bucket="mailbox", Key=bundle_key(bundle_id), Body=body, Metadata=metadata)
    else:
        put_bundle(s3, bucket="mailbox", bundle_id=bundle_id, body=bundle.body, metadata=metadata, replace=True)


def keys(s3: S3Client) -> list[str]:
    return [item.get("Key", "") for item in s3.list_objects_v2(Bucket="mailbox").get("Contents", [])]


def only(mailbox: S3CourierMailbox) -> WaitingBundle:
    [bundle] = mailbox.waiting()
    return bundle


# Listing


def test_bundles_wait_in_the_order_of_their_creation_and_whatever_else_lies_there_is_left(
    s3: S3Client, mailbox: S3CourierMailbox
) -> None:
    for bundle_id in reversed(IDS):
        put(s3, bundle_id)
    for key in ("other", quarantine_key(IDS[0]), "bundles/readme", "bundles/a b+ü&<x>.tar.gz"):
        s3.put_object(Bucket="mailbox", Key=key, Body=b"")
    waiting = list(mailbox.waiting())
    assert [bundle.bundle_id for bundle in waiting] == IDS
    assert {bundle.size for bundle in waiting} == {len(BODY)}
    assert all(abs(bundle.put_at - time.time()) < 60 for bundle in waiting)


def test_who_reads_the_first_few_asks_for_one_page() -> None:
    page = answer(listing([bundle_key(each) for each in IDS], following="next/+=&"))
    with scripted(page, page) as (mailbox, server):
        waiting = mailbox.waiting()
        assert next(waiting).bundle_id == IDS[0]
        assert len(server.requests) == 1


@pytest.mark.parametrize("framed", [answer, chunked])
def test_a_listing_is_read_however_it_is_framed_and_asked_for_in_its_order(framed: Callable[[bytes], Says]) -> None:
    first, last = listing([bundle_key(IDS[0])], following="a/+=&~é "), listing([bundle_key(IDS[1])])
    with scripted(framed(first), framed(last)) as (mailbox, server):
        assert [bundle.bundle_id for bundle in mailbox.waiting()] == IDS[:2]
        lines = [head.partition("\r\n")[0] for head, _ in server.requests]
    asked = "encoding-type=url&list-type=2&prefix=bundles%2F"
    assert lines == [
        f"GET /mailbox?{asked} HTTP/1.1",
        f"GET /mailbox?continuation-token=a%2F%2B%3D%26~%C3%A9%20&{asked} HTTP/1.1",
    ]


@pytest.mark.parametrize("body", [b"", b"<html>proxy</html>", b"no xml <", b"<a><b></a>"])
def test_what_is_no_listing_is_not_taken_for_an_empty_mailbox(body: bytes) -> None:
    with scripted(*[answer(body)] * 8) as (mailbox, _), pytest.raises(Unavailable):
        list(mailbox.waiting())


# Opening and reading


@pytest.mark.requirement("PUSH-INT-01")
def test_a_bundle_is_opened_with_all_that_its_delivery_needs(s3: S3Client, mailbox: S3CourierMailbox) -> None:
    put(s3)
    parcel = mailbox.open(only(mailbox))
    assert parcel.delivery == DeliveryId(IDS[0])
    assert (parcel.sha256, parcel.file_count, parcel.size) == (hashlib.sha256(BODY).hexdigest(), 1, len(BODY))
    assert parcel.oldest_event_at == datetime(2026, 11, 20, 9, 1, 2, 500_000, UTC).timestamp()
    pieces = list(parcel.body)
    assert b"".join(pieces) == BODY
    assert max(map(len, pieces)) <= 128 * 1024
    assert len(pieces) > 3


def test_a_replay_is_a_delivery_of_its_own(s3: S3Client, mailbox: S3CourierMailbox) -> None:
    put(s3, more={"replay": "20261125T080000Z-1a2b3c4d"})
    assert mailbox.open(only(mailbox)).delivery == DeliveryId(IDS[0], "20261125T080000Z-1a2b3c4d")


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-20T09:01:02"])
def test_when_the_oldest_file_landed_may_be_unknown(s3: S3Client, mailbox: S3CourierMailbox, text: str) -> None:
    put(s3, more={"oldest-event-time": text})
    assert mailbox.open(only(mailbox)).oldest_event_at is None


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        ({"content-sha256": ""}, "no-hash"),
        ({"content-sha256": "AB" * 32}, "no-hash"),
        ({"content-sha256": "ab" * 31}, "no-hash"),
        ({"content-sha256": "ab" * 32, "file-count": "many"}, "no-file-count"),
        ({"replay": "a b"}, "replay-id"),
        ({"replay": "x" * 129}, "replay-id"),
    ],
)
def test_an_object_whose_metadata_are_no_bundles_is_damaged(
    s3: S3Client, mailbox: S3CourierMailbox, metadata: dict[str, str], why: str
) -> None:
    put(s3, more=metadata)
    with pytest.raises(DamagedError, match=why):
        mailbox.open(only(mailbox))


@pytest.mark.requirement("MINIO-INTEGRITY-03", "PUSH-INT-01")
@pytest.mark.parametrize("body", [BODY, b"x", b""])
def test_the_last_piece_of_other_bytes_than_promised_is_never_handed_out(
    s3: S3Client, mailbox: S3CourierMailbox, body: bytes
) -> None:
    put(s3, body=body, more={"content-sha256": "ab" * 32})
    handed_out: list[bytes] = []
    with pytest.raises(DamagedError, match="hash-mismatch"):
        handed_out.extend(mailbox.open(only(mailbox)).body)
    assert len(b"".join(handed_out)) < max(len(body), 1)


def test_a_bundle_that_is_gone_or_was_replaced_is_not_opened(s3: S3Client, mailbox: S3CourierMailbox) -> None:
    put(s3)
    bundle = only(mailbox)
    put(s3, body=b"other bytes")
    with pytest.raises(GoneError):
        mailbox.open(bundle)
    s3.delete_object(Bucket="mailbox", Key=bundle_key(IDS[0]))
    with pytest.raises(GoneError):
        mailbox.open(bundle)


def test_the_same_bytes_put_there_again_are_another_object() -> None:
    body = gzip.compress(b"x")
    found = of_object(body, put_at="Fri, 20 Nov 2026 10:00:00 GMT")
    with scripted(found) as (mailbox, _), pytest.raises(GoneError):
        mailbox.open(waiting(body))


def test_a_body_that_breaks_off_is_the_mailboxes_unavailability_and_not_the_end_of_the_bundle() -> None:
    whole = of_object(BODY)
    cut = Says(whole.raw[: -len(BODY) + 200_000], hangs_up=True)
    with scripted(cut) as (mailbox, _):
        handed_out: list[bytes] = []
        with pytest.raises(Unavailable, match="read a bundle in the mailbox"):
            handed_out.extend(mailbox.open(waiting(BODY)).body)
    received = b"".join(handed_out)
    assert len(received) < 200_000
    assert BODY.startswith(received)


def test_bytes_that_differ_from_s3s_own_checksum_came_wrong_over_the_wire_and_are_read_again() -> None:
    checksum = base64.b64encode(hashlib.sha256(BODY).digest()).decode()
    changed = b"X" + BODY[1:]
    with scripted(of_object(changed, sha256_of=BODY, x_amz_checksum_sha256=checksum)) as (mailbox, _):
        with pytest.raises(Unavailable) as raised:
            list(mailbox.open(waiting(changed)).body)
        assert "FlexibleChecksumError" in str(raised.value)


@pytest.mark.parametrize(
    ("status", "code"), [("403 Forbidden", "AccessDenied"), ("403 Forbidden", "InvalidObjectState")]
)
def test_a_bundle_that_must_not_be_read_is_refused_and_neither_gone_nor_damaged(status: str, code: str) -> None:
    with scripted(answer(f"<Error><Code>{code}</Code></Error>".encode(), status)) as (mailbox, _):
        with pytest.raises(Refused) as raised:
            mailbox.open(waiting(BODY))
        assert raised.value.reason == code


# Removing


def test_what_was_delivered_is_removed_and_removing_it_again_is_harmless(
    s3: S3Client, mailbox: S3CourierMailbox
) -> None:
    put(s3)
    bundle = only(mailbox)
    mailbox.remove(bundle)
    assert keys(s3) == []
    mailbox.remove(bundle)


def test_another_bundle_under_the_key_is_left_where_it_is(s3: S3Client, mailbox: S3CourierMailbox) -> None:
    put(s3)
    bundle = only(mailbox)
    put(s3, body=b"other bytes")
    mailbox.remove(bundle)
    assert keys(s3) == [bundle_key(IDS[0])]


def test_the_delete_names_the_etag_and_comes_only_after_a_look() -> None:
    with scripted(described(of_object(BODY)), answer(b"", "204 No Content")) as (mailbox, server):
        mailbox.remove(waiting(BODY))
        look, delete = (head for head, _ in server.requests)
    assert look.startswith("HEAD ")
    assert delete.startswith("DELETE ")
    assert f"if-match: {waiting(BODY).etag}" in delete.lower()


def test_the_same_bytes_that_a_replay_put_there_stay() -> None:
    replayed = of_object(BODY, put_at="Fri, 20 Nov 2026 10:00:00 GMT")
    with scripted(described(replayed)) as (mailbox, server):
        mailbox.remove(waiting(BODY))
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "code"), [("412 Precondition Failed", "PreconditionFailed"), ("404 Not Found", "NoSuchKey")]
)
def test_a_condition_that_does_not_hold_any_more_is_as_good_as_done(status: str, code: str) -> None:
    refused = chunked(f"<Error><Code>{code}</Code></Error>".encode(), status)
    with scripted(described(of_object(BODY)), refused) as (mailbox, _):
        mailbox.remove(waiting(BODY))


def test_a_delete_that_met_another_write_is_tried_again() -> None:
    conflict = answer(b"<Error><Code>ConditionalRequestConflict</Code></Error>", "409 Conflict")
    with scripted(described(of_object(BODY)), conflict, answer(b"", "204 No Content")) as (mailbox, server):
        mailbox.remove(waiting(BODY))
        assert len(server.requests) == 3


def test_a_delete_that_is_forbidden_is_named() -> None:
    forbidden = answer(b"<Error><Code>AccessDenied</Code></Error>", "403 Forbidden")
    with scripted(described(of_object(BODY)), forbidden) as (mailbox, _), pytest.raises(Refused, match="AccessDenied"):
        mailbox.remove(waiting(BODY))


# Setting aside


def test_a_bundle_is_set_aside_whole_with_its_metadata_and_the_reason(s3: S3Client, mailbox: S3CourierMailbox) -> None:
    put(s3, more={"replay": "replay-1"})
    mailbox.quarantine(only(mailbox), "422")
    assert keys(s3) == [quarantine_key(IDS[0])]
    found = s3.get_object(Bucket="mailbox", Key=quarantine_key(IDS[0]))
    assert found["Body"].read() == BODY
    assert found["ContentType"] == "application/gzip"
    assert found["Metadata"] == {
        "content-sha256": hashlib.sha256(BODY).hexdigest(),
        "file-count": "1",
        "format-version": "1",
        "oldest-event-time": LANDED,
        "replay": "replay-1",
        "refusal": "422",
    }
    assert not list(mailbox.waiting())


def test_metadata_that_are_no_bundles_do_not_keep_a_damaged_object_from_being_set_aside() -> None:
    found = described(
        of_object(BODY, x_amz_meta_note="\N{LATIN SMALL LETTER E WITH ACUTE}  two", x_amz_meta_replay="r")
    )
    copied = answer(b"<CopyObjectResult></CopyObjectResult>")
    with scripted(found, copied, answer(b"", "204 No Content")) as (mailbox, server):
        mailbox.quarantine(waiting(BODY), "damaged")
        copy = server.requests[1][0].lower()
    assert "x-amz-meta-replay: r" in copy
    assert "x-amz-meta-note" not in copy


def test_what_is_set_aside_once_more_replaces_itself(s3: S3Client, mailbox: S3CourierMailbox) -> None:
    for reason in ("422", "413"):
        put(s3)
        mailbox.quarantine(only(mailbox), reason)
    assert s3.head_object(Bucket="mailbox", Key=quarantine_key(IDS[0]))["Metadata"]["refusal"] == "413"


def test_a_bundle_that_is_gone_or_was_replaced_is_not_set_aside(s3: S3Client, mailbox: S3CourierMailbox) -> None:
    put(s3)
    bundle = only(mailbox)
    put(s3, body=b"other bytes")
    mailbox.quarantine(bundle, "422")
    assert keys(s3) == [bundle_key(IDS[0])]
    mailbox.remove(only(mailbox))
    mailbox.quarantine(bundle, "422")
    assert keys(s3) == []


def test_nothing_is_deleted_where_the_copy_failed_after_its_200() -> None:
    failed = answer(b"<Error><Code>InternalError</Code></Error>")
    with scripted(described(of_object(BODY)), *[failed] * 8) as (mailbox, server), pytest.raises(Unavailable):
        mailbox.quarantine(waiting(BODY), "422")
    assert not any(head.startswith("DELETE") for head, _ in server.requests)


def test_the_copy_names_the_etag_and_replaces_all_metadata() -> None:
    copied = answer(b"<CopyObjectResult></CopyObjectResult>")
    with scripted(described(of_object(BODY)), copied, answer(b"", "204 No Content")) as (mailbox, server):
        mailbox.quarantine(waiting(BODY), "422")
        copy = server.requests[1][0].lower()
    assert f"x-amz-copy-source-if-match: {waiting(BODY).etag}" in copy
    assert "x-amz-metadata-directive: replace" in copy
    assert "x-amz-meta-refusal: 422" in copy


# A server that answers as S3 does

PUT_AT = "Fri, 20 Nov 2026 09:01:02 GMT"


def etag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


def waiting(body: bytes) -> WaitingBundle:
    put_at = datetime(2026, 11, 20, 9, 1, 2, tzinfo=UTC).timestamp()
    return WaitingBundle(IDS[0], etag(body), len(body), put_at)


def of_object(body: bytes, put_at: str = PUT_AT, sha256_of: bytes | None = None, **headers: str) -> Says:
    sha256 = hashlib.sha256(body if sha256_of is None else sha256_of).hexdigest()
    metadata = {"x_amz_meta_content_sha256": sha256, "x_amz_meta_file_count": "1"}
    return answer(body, ETag=etag(body), last_modified=put_at, **metadata, **headers)


def described(found: Says) -> Says:
    """Answer the HEAD of an object."""
    head, _, _ = found.raw.partition(b"\r\n\r\n")
    return Says(head + b"\r\n\r\n")


def listing(found: list[str], following: str = "") -> bytes:
    contents = "".join(
        f"<Contents><Key>{key}</Key><LastModified>2026-11-20T09:01:02.000Z</LastModified>"
        f"<ETag>&quot;abc&quot;</ETag><Size>5</Size></Contents>"
        for key in found
    )
    more = f"<NextContinuationToken>{following.replace('&', '&amp;')}</NextContinuationToken>" if following else ""
    truncated = str(bool(following)).lower()
    return f"<ListBucketResult><IsTruncated>{truncated}</IsTruncated>{contents}{more}</ListBucketResult>".encode()


@contextmanager
def scripted(*script: Says) -> Generator[tuple[S3CourierMailbox, ScriptedServer]]:
    with scripted_server(*script) as server:
        session = boto3.Session("access", "secret", region_name="eu-west-2")
        client = HttpS3(
            session.client("s3", endpoint_url=server.url), lambda: ReadOnlyCredentials("a", "b", None), "mailbox"
        )
        try:
            yield S3CourierMailbox(client, "mailbox", time.time() + 20), server
        finally:
            client.close()
