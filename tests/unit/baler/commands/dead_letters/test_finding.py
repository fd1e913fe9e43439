"""What a look at a dead letter finds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from unittest import mock

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from harness.events import event_bridge_event, s3_event, s3_record, sns_notification
from harness.scripted_server import answer, scripted_server

from baler.commands.dead_letters.aws import AwsError
from baler.commands.dead_letters.claims import Claims
from baler.commands.dead_letters.finding import LOSES_NOTHING, Look
from baler.commands.dead_letters.found import Found
from baler.files.aws.claim_table import DynamoClaimTable
from baler.files.claims.model import BundleRecord, BundleState, Claim
from baler.files.notification import landed_files
from baler.store_errors import Refused

if TYPE_CHECKING:
    from conftest import Yard

NOW = 1_795_165_262.0
BUNDLE = "20261120T090102345Z-9f86d081884c7d65"


def claim(yard: Yard, body: str, state: BundleState | None, expires_at: float = NOW + 86_400) -> None:
    (file,) = landed_files(body, "landing")
    yard.table.claim(Claim(file.identity, BUNDLE, NOW - 60, int(expires_at)), NOW)
    if state is not None:
        yard.table.record(BundleRecord(BUNDLE, state, int(expires_at)))


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("not json", Found.MALFORMED),
        ('{"Records": []}', Found.MALFORMED),
        (s3_event({**s3_record("k"), "eventVersion": "3.0"}), Found.UNKNOWN_SCHEMA),
        (s3_event(s3_record("k", bucket="elsewhere")), Found.OTHER_BUCKET),
        (s3_event({**s3_record("k"), "eventName": "ObjectRemoved:Delete"}), Found.OTHER_EVENT),
    ],
)
def test_poison_is_named_as_the_aggregator_names_it(yard: Yard, body: str, found: Found) -> None:
    assert yard.look.at(body).found == found


def test_an_object_that_can_be_read_is_transient(yard: Yard) -> None:
    assert yard.look.at(yard.land("k")).found == Found.TRANSIENT


def test_a_version_that_was_deleted_is_missing_though_the_key_has_another(yard: Yard) -> None:
    body = yard.land("k")
    (file,) = landed_files(body, "landing")
    yard.land("k", b"newer")
    yard.s3.delete_object(Bucket="landing", Key="k", VersionId=file.version_id or "")
    assert yard.look.at(body).found == Found.OBJECT_MISSING


def test_without_versions_an_object_that_was_put_over_is_missing(yard: Yard) -> None:
    yard.land("k")
    body = s3_event(s3_record("k", version=None))
    assert yard.look.at(body).found == Found.OBJECT_MISSING


def test_an_object_of_exactly_the_limit_is_not_too_large(yard: Yard) -> None:
    assert yard.look.at(yard.land("k", b"x" * 100)).found == Found.TRANSIENT
    assert yard.look.at(yard.land("k", b"x" * 101)).found == Found.TOO_LARGE


def test_an_object_of_more_bytes_than_its_event_tells_is_named_so(yard: Yard) -> None:
    version = yard.s3.put_object(Bucket="landing", Key="k", Body=b"123456")["VersionId"]
    assert yard.look.at(s3_event(s3_record("k", version=version, size=5))).found == Found.LARGER_THAN_TOLD


def test_an_object_in_a_class_that_must_be_restored_is_unreadable(yard: Yard) -> None:
    version = yard.s3.put_object(Bucket="landing", Key="k", Body=b"1", StorageClass="GLACIER")["VersionId"]
    assert yard.look.at(s3_event(s3_record("k", version=version))).found == Found.UNREADABLE


def test_a_file_in_a_committed_bundle_is_bundled_though_its_object_is_gone(yard: Yard) -> None:
    body = s3_event(s3_record("k", version="gone"))
    claim(yard, body, BundleState.COMMITTED)
    finding = yard.look.at(body)
    assert finding.found == Found.BUNDLED
    assert BUNDLE in finding.detail


@pytest.mark.parametrize("state", [BundleState.ARCHIVED, None])
def test_a_claim_whose_bundle_is_not_in_the_mailbox_needs_a_redrive(yard: Yard, state: BundleState | None) -> None:
    body = s3_event(s3_record("k", version="gone"))
    claim(yard, body, state)
    assert yard.look.at(body).found == Found.TRANSIENT


def test_a_claim_that_expired_counts_as_none(yard: Yard) -> None:
    body = s3_event(s3_record("k", version="gone"))
    claim(yard, body, BundleState.COMMITTED, expires_at=NOW - 1)
    assert yard.look.at(body).found == Found.OBJECT_MISSING


def test_a_claim_that_was_given_back_counts_as_none(yard: Yard) -> None:
    body = yard.land("k")
    (file,) = landed_files(body, "landing")
    claim(yard, body, None)
    yard.table.give_back(Claim(file.identity, BUNDLE, NOW - 60, int(NOW) + 86_400))
    assert yard.look.at(body).detail == "nothing stands in its way now"


def answering(error: Exception) -> Any:
    def head(**_: object) -> None:
        raise error

    return head


def test_a_store_that_does_not_answer_is_no_reason(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    body = yard.land("k")
    monkeypatch.setattr(yard.s3, "head_object", answering(ReadTimeoutError(endpoint_url="x")))
    assert yard.look.at(body).found == Found.UNKNOWN


def test_an_object_that_s3_refuses_is_unreadable_and_never_missing(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    body = yard.land("k")
    monkeypatch.setattr(yard.s3, "head_object", answering(ClientError({"Error": {"Code": "403"}}, "HeadObject")))
    assert yard.look.at(body).found == Found.UNREADABLE


def test_one_file_that_can_be_delivered_makes_its_message_transient(yard: Yard) -> None:
    version = yard.s3.put_object(Bucket="landing", Key="good", Body=b"1")["VersionId"]
    records = [s3_record("gone", version="no"), s3_record("good", version=version), s3_record("gone", version="nor")]
    finding = yard.look.at(s3_event(*records))
    assert finding.found == Found.TRANSIENT
    assert finding.detail == "1 of 3 files"
    assert [about.found for about in finding.files] == [Found.OBJECT_MISSING, Found.TRANSIENT, Found.OBJECT_MISSING]


def without(name: str, key: str, version: str | None) -> dict[str, Any]:
    """A record that lacks a field."""
    record = s3_record(key, version=version)
    del record["s3"]["object"][name]
    return record


def test_a_good_record_beside_a_bad_one_keeps_its_message(yard: Yard) -> None:
    version = yard.s3.put_object(Bucket="landing", Key="good", Body=b"1")["VersionId"]
    good = s3_record("good", version=version)
    for bad in (without("eTag", "gone", "no"), s3_record("gone", bucket="elsewhere"), {}):
        finding = yard.look.at(s3_event(bad, good))
        assert finding.found == Found.TRANSIENT
        assert not finding.loses_nothing


def test_a_bad_record_that_names_a_file_in_no_bundle_is_unbundled_whatever_it_is_wrapped_in(yard: Yard) -> None:
    yard.land("a file+1")
    body = s3_event(without("eTag", "a file+1", None))
    for wrapped in (body, sns_notification(body), body[:-3]):
        finding = yard.look.at(wrapped)
        assert finding.found == Found.UNBUNDLED
        assert finding.found not in LOSES_NOTHING
        assert "a file+1" in [about.file.key for about in finding.files if about.found is Found.UNBUNDLED]


def test_an_event_of_a_schema_that_nobody_knows_names_its_file_too(yard: Yard) -> None:
    yard.land("k+1")
    event = event_bridge_event("k+1")
    event["detail"] = {"eventName": "PutObject", "requestParameters": {"bucketName": "landing", "key": "k+1"}}
    (about,) = yard.look.at(json.dumps(event)).files
    assert (about.file.key, about.found) == ("k+1", Found.UNBUNDLED)


def test_a_bad_record_whose_file_is_in_a_bundle_or_gone_or_of_another_bucket_may_be_discarded(yard: Yard) -> None:
    body = yard.land("bundled")
    claim(yard, body, BundleState.COMMITTED)
    bad = [without("eTag", "bundled", None), without("size", "gone", "no"), s3_record("bundled", bucket="elsewhere")]
    bad[1]["eventName"] = "ObjectRemoved:Delete"
    finding = yard.look.at(s3_event(*bad))
    assert finding.found == Found.MALFORMED
    assert finding.loses_nothing
    assert [(about.file.key, about.found) for about in finding.files] == [
        ("bundled", Found.BUNDLED),
        ("gone", Found.OBJECT_MISSING),
        ("bundled", Found.OTHER_BUCKET),
    ]


def test_a_claim_that_is_not_done_keeps_the_file_of_a_bad_record(yard: Yard) -> None:
    body = yard.land("k")
    claim(yard, body, None)
    assert yard.look.at(s3_event(without("eTag", "k", None))).found == Found.UNBUNDLED


def test_a_store_that_does_not_answer_keeps_the_file_of_a_bad_record(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yard.s3, "head_object", answering(ReadTimeoutError(endpoint_url="x")))
    assert yard.look.at(s3_event(without("eTag", "k", None))).found == Found.UNKNOWN


@pytest.mark.parametrize("key", ["\ud800", "x" * 1025])
def test_a_key_that_no_object_can_have_is_missing(yard: Yard, key: str) -> None:
    body = json.dumps({"bucket": "landing", "key": key, "versionId": "\ud800"})
    (about,) = yard.look.at(body).files
    assert about.found == Found.OBJECT_MISSING


def test_a_message_that_names_more_than_can_be_looked_at_is_kept(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def head(**request: str) -> None:
        asked.append(request["Key"])
        raise ClientError({"Error": {"Code": "404"}}, "HeadObject")

    monkeypatch.setattr(yard.s3, "head_object", head)
    finding = yard.look.at(s3_event(*(without("eTag", f"k{number}", None) for number in range(1200))))
    assert len(asked) == 1000
    assert len(finding.files) == 1200
    assert not finding.loses_nothing


@pytest.mark.parametrize("nested", ["[" * 100_000, '{"a":' * 900 + "{}" + "}" * 900, sns_notification("{" * 9000)])
def test_no_nesting_stops_the_look(yard: Yard, nested: str) -> None:
    assert yard.look.at(nested).found == Found.MALFORMED


def test_what_kills_the_function_is_never_transient(yard: Yard) -> None:
    yard.reject(yard.land("k"), "kills")
    yard.reject(yard.land("l"), "unreadable")
    with yard.read() as reading:
        found = {
            letter.rejection.reason: yard.look.of(letter).found
            for letter in next(reading.batches())
            if letter.rejection
        }
    assert found == {"kills": Found.KILLS, "unreadable": Found.TRANSIENT}


def test_without_the_stacks_limit_only_the_function_makes_a_file_too_large(yard: Yard) -> None:
    yard.reject(yard.land("large", b"x" * 101), "too_large")
    yard.bury(yard.land("good", b"x" * 101))
    look = Look(yard.s3, Claims(yard.dynamodb, "claims"), "landing", None, lambda: NOW)
    with yard.read() as reading:
        found = {finding.files[0].file.key: finding.found for _, finding in look.over(next(reading.batches()))}
    assert found == {"large": Found.TOO_LARGE, "good": Found.TRANSIENT}


def test_an_object_with_all_the_metadata_that_s3_takes_is_read(
    aws_settings: None,  # noqa: ARG001 - credentials
) -> None:
    """2 KB of names, each its own header: http.client refuses more than 100, at every look."""
    metadata = {"content_length": "5", **{f"x_amz_meta_{number:x}": "1" for number in range(500)}}
    claims = mock.create_autospec(Claims, instance=True)
    claims.on.return_value = None
    with scripted_server(answer(b"", "200 OK", **metadata)) as server:
        look = Look(boto3.client("s3", endpoint_url=server.url), claims, "landing", None, lambda: NOW)
        assert look.at(s3_event(s3_record("k", size=5))).found == Found.TRANSIENT


@pytest.mark.parametrize("reason", ["AccessDeniedException", "ResourceNotFoundException", "ExpiredTokenException"])
def test_a_claim_table_that_will_refuse_every_look_is_no_reason_to_look_again(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    def refuse(*_: object) -> None:
        raise Refused("claim table", reason)

    monkeypatch.setattr(DynamoClaimTable, "read_claim", refuse)
    with pytest.raises(AwsError, match=r"check|credentials"):
        yard.look.at(yard.land("k"))


def test_a_claim_table_that_is_throttled_is_to_be_looked_at_again(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise Refused("claim table", "ThrottlingException")

    monkeypatch.setattr(DynamoClaimTable, "read_claim", refuse)
    assert yard.look.at(yard.land("k")).found == Found.UNKNOWN


def test_a_file_that_its_bundle_left_out_is_not_taken_for_delivered(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The claim is given back between the read of it and the read of its bundle's record."""
    body = yard.land("k")
    claim(yard, body, BundleState.COMMITTED)
    (file,) = landed_files(body, "landing")
    read = DynamoClaimTable.bundle

    def given_back_meanwhile(table: DynamoClaimTable, bundle_id: str) -> BundleRecord | None:
        yard.table.give_back(Claim(file.identity, bundle_id, NOW - 60, int(NOW + 86_400)))
        return read(table, bundle_id)

    monkeypatch.setattr(DynamoClaimTable, "bundle", given_back_meanwhile)
    assert yard.look.at(body).found == Found.TRANSIENT
