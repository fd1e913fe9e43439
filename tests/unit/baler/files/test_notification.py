from __future__ import annotations

import json
from typing import Any

import pytest
from harness.events import LANDED_AT, LANDING, event_bridge_event, s3_event, s3_record, sns_notification
from hypothesis import given
from hypothesis import strategies as st

from baler.files.claims.model import Claim
from baler.files.landed_file import LandedFile
from baler.files.notification import LandedFiles, Poison, landed_files
from baler.files.reason import Reason


def test_an_event_names_the_file_that_landed() -> None:
    (file,) = landed_files(s3_event(s3_record("a b/c.json", version="v7", size=42)), LANDING)
    assert file == LandedFile(LANDING, "a b/c.json", "v7", "d41d8cd98f00b204e9800998ecf8427e", 42, LANDED_AT)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200))
def test_every_key_comes_through_its_encoding_unchanged(key: str) -> None:
    (file,) = landed_files(s3_event(s3_record(key)), LANDING)
    assert file.key == key


@pytest.mark.parametrize(
    "key", ["a+b", "a b", "100%", "%2F", "#", "a&b=c?d", "ünï", "a%20b", "-", ".hidden", "x" * 1024]
)
def test_keys_that_look_encoded_are_not_decoded_twice(key: str) -> None:
    (file,) = landed_files(s3_event(s3_record(key)), LANDING)
    assert file.key == key


def test_a_bucket_without_versions_identifies_a_file_by_its_etag() -> None:
    (file,) = landed_files(s3_event(s3_record("k", version=None)), LANDING)
    assert file.version_id is None
    assert file.identity == f"{LANDING}/k@d41d8cd98f00b204e9800998ecf8427e"


def test_two_versions_of_one_key_are_two_files() -> None:
    one, two = landed_files(s3_event(s3_record("k", version="v1"), s3_record("k", version="v2")), LANDING)
    assert one.identity != two.identity


TEST_EVENT = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": LANDING, "RequestId": "x"})


@pytest.mark.parametrize("body", [TEST_EVENT, sns_notification(TEST_EVENT)])
def test_the_test_event_that_s3_sends_announces_no_file(body: str) -> None:
    assert landed_files(body, LANDING) == LandedFiles()


@pytest.mark.parametrize(
    "body",
    [
        sns_notification(s3_event(s3_record("a b/+c%20.json"))),
        sns_notification(sns_notification(s3_event(s3_record("a b/+c%20.json")))),
        json.dumps(event_bridge_event("a b/+c%20.json")),
        sns_notification(json.dumps(event_bridge_event("a b/+c%20.json"))),
        s3_event({**s3_record("a b/+c%20.json"), "eventName": "s3:ObjectCreated:Put", "eventSource": "minio:s3"}),
    ],
)
def test_every_way_into_the_queue_names_the_same_file(body: str) -> None:
    (file,) = landed_files(body, LANDING)
    assert (file.key, file.version_id, file.size) == ("a b/+c%20.json", "v1", 5)
    assert file.identity == landed_files(s3_event(s3_record("a b/+c%20.json")), LANDING)[0].identity
    assert file.event_time.replace(microsecond=0) == LANDED_AT.replace(microsecond=0)


def test_unwrapping_ends() -> None:
    body = s3_event(s3_record("k"))
    for _ in range(4):
        body = sns_notification(body)
    with pytest.raises(Poison, match="envelopes"):
        landed_files(body, LANDING)


NO_ETAG = s3_record("x")
del NO_ETAG["s3"]["object"]["eTag"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({**s3_record("x"), "eventName": "ObjectRemoved:Delete"}, Reason.OTHER_EVENT),
        ({**s3_record("x"), "eventVersion": "3.0"}, Reason.UNKNOWN_SCHEMA),
        (s3_record("x", bucket="elsewhere"), Reason.OTHER_BUCKET),
        (NO_ETAG, Reason.MALFORMED),
        (1, Reason.MALFORMED),
    ],
)
def test_the_good_records_of_a_mixed_message_are_taken_and_the_bad_ones_named(bad: Any, reason: Reason) -> None:
    found = landed_files(s3_event(bad, s3_record("good"), bad, s3_record("too")), LANDING)
    assert [file.key for file in found] == ["good", "too"]
    assert [poison.reason for poison in found.refused] == [reason, reason]


@pytest.mark.parametrize("version", ["null", None, ""])
def test_two_contents_of_a_key_in_a_bucket_whose_versioning_is_suspended_are_two_files(version: str | None) -> None:
    """S3 gives every such version the id "null" (S3 user guide, "versioning-suspended buckets")."""
    records = [s3_record("k", version=version), s3_record("k", version=version)]
    for record, etag in zip(records, ("a" * 32, "b" * 32), strict=True):
        record["s3"]["object"]["eTag"] = etag
    one, two = landed_files(s3_event(*records), LANDING)
    assert (one.version_id, two.version_id) == (None, None)
    assert one.identity != two.identity


def test_a_message_may_announce_a_thousand_files() -> None:
    files = landed_files(s3_event(*(s3_record(f"k{number}") for number in range(1000))), LANDING)
    assert len({file.identity for file in files}) == 1000


def changed(**record: Any) -> str:
    return s3_event({**s3_record("k"), **record})


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", Reason.MALFORMED),
        ("not json", Reason.MALFORMED),
        ("[]", Reason.MALFORMED),
        ("{}", Reason.MALFORMED),
        ("[" * 100_000, Reason.MALFORMED),
        ('{"Records": []}', Reason.MALFORMED),
        ('{"Records": [1]}', Reason.MALFORMED),
        (changed(s3=None), Reason.MALFORMED),
        (changed(eventTime="yesterday"), Reason.MALFORMED),
        (changed(eventTime="0001-01-01T00:00:00+23:59"), Reason.MALFORMED),
        (changed(eventVersion="3.0"), Reason.UNKNOWN_SCHEMA),
        (changed(eventSource="aws:sns"), Reason.OTHER_EVENT),
        (changed(eventName="ObjectRemoved:Delete"), Reason.OTHER_EVENT),
        (s3_event(s3_record("k", bucket="elsewhere")), Reason.OTHER_BUCKET),
        (s3_event(s3_record("k", size=-1)), Reason.MALFORMED),
        (s3_event(s3_record("x" * 1025)), Reason.MALFORMED),
        (s3_event(s3_record("k")).replace('"k"', '"%FF"'), Reason.MALFORMED),
        (s3_event(s3_record("k")).replace('"k"', '""'), Reason.MALFORMED),
        (s3_event(s3_record("k")).replace('"k"', '"\\ud800"'), Reason.MALFORMED),
        (s3_event(s3_record("k", version="v" * 513)), Reason.MALFORMED),
        (s3_event(s3_record("k", version="\ud800")), Reason.MALFORMED),
        (s3_event(s3_record("k", version="v")).replace('"v"', "1"), Reason.MALFORMED),
        (s3_event(s3_record("k")).replace("d41d8cd98f00b204e9800998ecf8427e", "line\\nbreak"), Reason.MALFORMED),
        (s3_event(s3_record("k")).replace("d41d8cd98f00b204e9800998ecf8427e", "日本"), Reason.MALFORMED),
        (sns_notification("not json"), Reason.MALFORMED),
        ('{"Type": "Notification"}', Reason.MALFORMED),
        ('{"Type": "SubscriptionConfirmation", "Message": "You have chosen"}', Reason.OTHER_EVENT),
        (json.dumps({**event_bridge_event("k"), "detail-type": "Object Deleted"}), Reason.OTHER_EVENT),
        (json.dumps({**event_bridge_event("k"), "source": "my.app"}), Reason.OTHER_EVENT),
        (json.dumps({**event_bridge_event("k"), "detail": None}), Reason.MALFORMED),
        (json.dumps({**event_bridge_event("k"), "time": "soon"}), Reason.MALFORMED),
        (json.dumps(event_bridge_event("k")).replace("1.0", "2.0"), Reason.UNKNOWN_SCHEMA),
        (json.dumps(event_bridge_event("k", bucket="elsewhere")), Reason.OTHER_BUCKET),
        (json.dumps(event_bridge_event("x" * 1025)), Reason.MALFORMED),
        (json.dumps(event_bridge_event("\ud800")), Reason.MALFORMED),
    ],
)
def test_a_message_that_can_never_be_processed_is_poison_with_a_reason(body: str, reason: Reason) -> None:
    with pytest.raises(Poison) as poison:
        landed_files(body, LANDING)
    assert poison.value.reason is reason


ANYTHING = st.text() | st.text(st.characters(categories=["Cs", "Cc", "So", "Ll"]), min_size=1)


@given(key=ANYTHING, version=ANYTHING, etag=ANYTHING)
def test_whatever_is_announced_has_a_claim_key_that_the_table_takes(key: str, version: str, etag: str) -> None:
    """A claim that DynamoDB refused, or that no encoding takes, would stop every file of its batch."""
    record = s3_record("k")
    record["s3"]["object"] |= {"key": key, "versionId": version, "eTag": etag}
    try:
        (file,) = landed_files(s3_event(record), LANDING)
    except Poison:
        return
    assert_claimable(file)


def test_the_longest_key_and_version_id_have_a_claim_key_that_the_table_takes() -> None:
    bucket = "b" * 63
    (file,) = landed_files(s3_event(s3_record("ü" * 512, version="v" * 512, bucket=bucket)), bucket)
    assert_claimable(file)


def assert_claimable(file: LandedFile) -> None:
    claim = Claim(file.identity, "bundle", 0.0, 0)
    assert len(claim.partition_key.encode()) <= 2048  # DynamoDB's limit


def test_what_is_wrong_is_told_without_the_content_of_the_message() -> None:
    with pytest.raises(Poison) as poison:
        landed_files('{"secret": "s3cr3t"}', LANDING)
    assert "s3cr3t" not in str(poison.value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_is_read_or_refused(document: object) -> None:
    try:
        landed_files(json.dumps(document), LANDING)
    except Poison:
        return
    assert isinstance(document, dict)
