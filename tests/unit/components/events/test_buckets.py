"""The buckets of the event stream: how long they keep what, what they announce, and whom they refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from harness.recorded_program import ACCOUNT

if TYPE_CHECKING:
    from harness.recorded_program import Deployed

BUCKETS = ["raw", "processed", "compacted", "failures", "results"]
OPERATOR = f"arn:aws:iam::{ACCOUNT}:role/operator"
ANALYST = f"arn:aws:iam::{ACCOUNT}:role/analyst"
every_bucket = pytest.mark.parametrize("part", BUCKETS)


def role(part: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/baler-prod-events-{part}-1a2b3c4"


def arn(part: str) -> str:
    return f"arn:aws:s3:::baler-prod-events-{part}-1a2b3c4"


def refusals(deployed: Deployed, part: str) -> dict[str, dict[str, Any]]:
    return deployed.one("s3/bucketPolicy:BucketPolicy", f"events-{part}").statements()


def spared(deployed: Deployed, part: str, sid: str) -> list[str]:
    """Return the principals that a refusal spares."""
    condition = refusals(deployed, part)[sid].get("Condition", {})
    found = condition.get("ArnNotEquals", {}).get("aws:PrincipalArn", ())
    return [found] if isinstance(found, str) else list(found)


def rules(deployed: Deployed, part: str) -> dict[str, dict[str, Any]]:
    found = deployed.one("s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", f"events-{part}").inputs
    return {rule["id"]: dict(rule) for rule in found["rules"]}


def test_there_is_no_bucket_beyond_those_tested_here(prod: Deployed) -> None:
    names = {bucket.name for bucket in prod.all("s3/bucket:Bucket")}
    assert names == {f"baler-prod-events-{part}" for part in BUCKETS} | {"baler-prod-access-log"}


@pytest.mark.requirement("EVENT-RAW-02", "EVENT-SEC-01", "EVENT-SEC-02", "EVENT-RECOVER-02")
@every_bucket
def test_a_bucket_is_encrypted_private_versioned_and_protected(prod: Deployed, part: str) -> None:
    (rule,) = prod.one(
        "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", f"events-{part}"
    ).inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}
    block = prod.one("s3/bucketPublicAccessBlock:BucketPublicAccessBlock", f"events-{part}").inputs
    assert [value for key, value in block.items() if key != "bucket"] == [True] * 4
    versioned = {each.name for each in prod.all("s3/bucketVersioning:BucketVersioning")}
    # The answer of a query is had again by asking again.
    assert (f"baler-prod-events-{part}" in versioned) is (part != "results")
    assert prod.one("s3/bucket:Bucket", f"events-{part}").protected


@pytest.mark.requirement("EVENT-RAW-02", "EVENT-SEC-05")
def test_raw_events_move_to_glacier_where_that_saves_and_stay(prod: Deployed) -> None:
    found = rules(prod, "raw")
    assert found["glacier"]["transitions"] == [{"days": 90, "storageClass": "GLACIER"}]
    # Each takes 40 KB more there: small ones would cost more than where they are.
    assert found["glacier"]["filter"] == {"and": {"prefix": "raw/", "objectSizeGreaterThan": 128 * 1024 - 1}}
    for rule, prefix in (("raw-events", "raw/"), ("rejected-records", "rejected/")):
        assert "expiration" not in found[rule]
        assert found[rule]["filter"] == {"prefix": prefix}


@pytest.mark.requirement("EVENT-SEC-05", "EVENT-COST-02")
@pytest.mark.parametrize(
    ("part", "rule", "days"),
    [
        ("raw", "raw-events", 201),
        ("raw", "rejected-records", 202),
        ("processed", "processed-events", 203),
        ("failures", "failed-batches", 204),
    ],
)
def test_what_a_bucket_keeps_ends_as_the_stack_says(changed: Deployed, part: str, rule: str, days: int) -> None:
    assert rules(changed, part)[rule]["expiration"] == {"days": days}


@pytest.mark.requirement("EVENT-SEC-05")
def test_what_lambda_gave_up_ends_after_90_days_and_what_is_processed_stays(prod: Deployed) -> None:
    assert rules(prod, "failures")["failed-batches"]["expiration"] == {"days": 90}
    assert "expiration" not in rules(prod, "processed")["processed-events"]


def test_without_days_nothing_moves_to_glacier(changed: Deployed) -> None:
    assert "glacier" not in rules(changed, "raw")


def test_no_file_of_the_table_ends_by_its_age(prod: Deployed) -> None:
    assert not any("expiration" in rule or "transitions" in rule for rule in rules(prod, "compacted").values())


@pytest.mark.requirement("EVENT-RAW-03", "EVENT-TRANSFORM-05")
@pytest.mark.parametrize(
    ("part", "queue", "prefix"), [("raw", "transform", "raw/"), ("processed", "compaction", "processed/")]
)
def test_events_are_announced_and_rejected_records_are_not(prod: Deployed, part: str, queue: str, prefix: str) -> None:
    (announced,) = prod.one("s3/bucketNotification:BucketNotification", f"events-{part}").inputs["queues"]
    assert announced == {
        "queueArn": f"arn:aws:sqs:eu-west-2:{ACCOUNT}:baler-prod-events-{queue}-1a2b3c4",
        "events": ["s3:ObjectCreated:*"],
        "filterPrefix": prefix,
        "filterSuffix": ".json",
    }


@pytest.mark.requirement("EVENT-SEC-01")
@every_bucket
def test_a_bucket_allows_nothing_and_refuses_weak_transport(prod: Deployed, part: str) -> None:
    found = refusals(prod, part)
    assert {"DenyInsecureTransport", "DenyOldTls"} < set(found)
    assert {statement["Effect"] for statement in found.values()} == {"Deny"}


@pytest.mark.requirement("EVENT-SEC-02")
@pytest.mark.parametrize(
    ("part", "sid", "who"),
    [
        ("raw", "DenyPutToOthers", ["processor", "recovery"]),
        ("raw", "DenyReadToOthers", ["transformer", "sweeper", OPERATOR]),
        ("raw", "DenyDeleteToOthers", ["sweeper", OPERATOR]),
        ("processed", "DenyPutToOthers", ["transformer"]),
        ("processed", "DenyReadToOthers", ["compactor", OPERATOR, ANALYST]),
        ("processed", "DenyDeleteToOthers", [OPERATOR]),
        ("compacted", "DenyPutToOthers", ["compactor"]),
        ("compacted", "DenyReadToOthers", ["compactor", OPERATOR, ANALYST]),
        ("compacted", "DenyDeleteToOthers", ["compactor"]),
        ("failures", "DenyPutToOthers", ["processor"]),
        ("failures", "DenyReadToOthers", ["recovery", OPERATOR]),
        ("failures", "DenyDeleteToOthers", [OPERATOR]),
        ("results", "DenyAllToOthers", [OPERATOR, ANALYST]),
    ],
)
def test_a_bucket_refuses_everybody_but(prod: Deployed, part: str, sid: str, who: list[str]) -> None:
    assert spared(prod, part, sid) == [each if each.startswith("arn:") else role(each) for each in who]
    assert refusals(prod, part)[sid]["Resource"] == [f"{arn(part)}/*"]


def test_without_people_nobody_reads_results_and_only_the_sweeper_removes_events(changed: Deployed) -> None:
    assert "Condition" not in refusals(changed, "results")["DenyAllToOthers"]
    assert spared(changed, "raw", "DenyDeleteToOthers") == [role("sweeper")]


@pytest.mark.requirement("EVENT-PROCESS-06")
def test_nothing_raw_is_overwritten(prod: Deployed) -> None:
    overwriting = refusals(prod, "raw")["DenyOverwriting"]
    assert overwriting["Resource"] == [f"{arn('raw')}/*"]
    assert overwriting["Condition"]["Null"] == {"s3:if-none-match": "true"}


@pytest.mark.requirement("EVENT-FUTURE-06", "EVENT-RECOVER-03")
@pytest.mark.parametrize(
    ("part", "prefixes", "readers"),
    [
        ("raw", ["raw/", "rejected/"], ["transformer", "sweeper"]),
        ("processed", ["processed/"], ["compactor"]),
    ],
)
def test_events_are_copied_to_another_region_where_the_stack_names_a_bucket_there(
    prod: Deployed, changed: Deployed, part: str, prefixes: list[str], readers: list[str]
) -> None:
    assert not prod.all("s3/bucketReplicationConfig:BucketReplicationConfig")
    copy = changed.one("s3/bucketReplicationConfig:BucketReplicationConfig", f"events-{part}")
    assert (copy.inputs["bucket"], copy.inputs["role"]) == (f"baler-prod-events-{part}-1a2b3c4", role("replication"))
    # Without processed events, `baler events rebuild` could not tell there which raw ones had counted.
    assert [rule["filter"] for rule in copy.inputs["rules"]] == [{"prefix": prefix} for prefix in prefixes]
    for rule in copy.inputs["rules"]:
        assert rule["destination"] == {"bucket": "arn:aws:s3:::events-in-another-region"}
        # What is deleted here by mistake is still there.
        assert rule["deleteMarkerReplication"] == {"status": "Disabled"}
    assert spared(changed, part, "DenyReadToOthers") == [*map(role, readers), role("replication")]
    assert any("BucketVersioning" in urn for urn in copy.depends_on)


@pytest.mark.requirement("EVENT-SEC-04")
@pytest.mark.parametrize(
    ("part", "functions"),
    [
        ("raw", ["processor", "recovery", "transformer", "sweeper"]),
        ("processed", ["transformer", "compactor"]),
        ("compacted", ["compactor"]),
        # Lambda puts what it gives up in the processor's name, from outside the network.
        ("failures", ["recovery"]),
    ],
)
def test_the_functions_credentials_are_of_no_use_outside_their_network(
    prod: Deployed, part: str, functions: list[str]
) -> None:
    condition = refusals(prod, part)["DenyOtherNetworksToTheFunction"]["Condition"]
    held = condition["ArnEquals"]["aws:PrincipalArn"]
    assert ([held] if isinstance(held, str) else held) == [role(each) for each in functions]
    assert condition["StringNotEquals"] == {"aws:SourceVpc": ["baler-prod-network-1a2b3c4"]}
