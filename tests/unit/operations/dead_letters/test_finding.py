"""What a look at a dead letter finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from harness.events import s3_event, s3_record

from operations.dead_letters.finding import Found
from runtime.aggregator.notification import landed_files
from runtime.aws.claim_table import DynamoClaimTable
from runtime.claims.model import BundleRecord, BundleState, Claim

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
