"""What holds the lake's data: how it is kept, what it announces, and whom it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from harness.recorded_program import ACCOUNT, REGION

from baler.lake.aws.record_items import CAPTURED_AT, COUNTER, COUNTER_ITEM, ID, SEEN, SOURCE
from baler.lake.raw_key import RAW_PREFIX, RAW_SUFFIX
from components.lake.source_table import PAGING_KEY
from runtime.lake.aws.curation_bucket import REJECTED_PREFIX
from runtime.lake.aws.source_states import KEY

if TYPE_CHECKING:
    from harness.recorded_program import Deployed

RAW = "arn:aws:s3:::baler-prod-lake-raw-1a2b3c4"
OPERATOR = f"arn:aws:iam::{ACCOUNT}:role/operator"
TABLES = ["records", "counters", "sources"]


def role(part: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/baler-prod-lake-{part}-1a2b3c4"


def refusals(deployed: Deployed) -> dict[str, dict[str, Any]]:
    return deployed.one("s3/bucketPolicy:BucketPolicy", "lake-raw").statements()


def spared(deployed: Deployed, sid: str) -> list[str]:
    """Return the principals that a refusal spares."""
    found = refusals(deployed)[sid].get("Condition", {}).get("ArnNotEquals", {}).get("aws:PrincipalArn", ())
    return [found] if isinstance(found, str) else list(found)


def rules(deployed: Deployed) -> dict[str, dict[str, Any]]:
    found = deployed.one("s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "lake-raw").inputs
    return {rule["id"]: dict(rule) for rule in found["rules"]}


@pytest.mark.requirement("LAKE-STORE-01", "LAKE-SEC-02")
def test_the_raw_bucket_is_encrypted_private_versioned_and_protected(prod: Deployed) -> None:
    (rule,) = prod.one(
        "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", "lake-raw"
    ).inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}
    block = prod.one("s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "lake-raw").inputs
    assert [value for key, value in block.items() if key != "bucket"] == [True] * 4
    versioning = prod.one("s3/bucketVersioning:BucketVersioning", "lake-raw").inputs
    assert versioning["versioningConfiguration"] == {"status": "Enabled"}
    assert prod.one("s3/bucket:Bucket", "lake-raw").protected
    assert prod.one("s3/bucket:Bucket", "lake-raw").inputs["forceDestroy"] is False


@pytest.mark.requirement("LAKE-STORE-01", "LAKE-FUTURE-07")
def test_raw_objects_are_never_deleted_unless_the_stack_gives_them_an_end(prod: Deployed, changed: Deployed) -> None:
    assert set(rules(prod)) == {"abort-stale-multipart-uploads"}
    assert refusals(prod)["DenyDelete"] == {
        "Sid": "DenyDelete",
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:DeleteObject*", "s3:ReplicateDelete"],
        "Resource": [f"{RAW}/*"],
    }
    found = rules(changed)
    assert found["glacier"]["transitions"] == [{"days": 201, "storageClass": "GLACIER"}]
    for name, prefix in (("raw-objects", RAW_PREFIX), ("rejected-records", REJECTED_PREFIX)):
        assert found[name]["filter"] == {"prefix": prefix}
        assert found[name]["expiration"] == {"days": 402}


@pytest.mark.requirement("LAKE-SEC-01")
def test_ingestion_alone_puts_raw_objects_and_curation_alone_reads_them_with_operators(prod: Deployed) -> None:
    assert refusals(prod)["DenyPutOfRawToOthers"]["Resource"] == [f"{RAW}/{RAW_PREFIX}*"]
    assert spared(prod, "DenyPutOfRawToOthers") == [role("ingestion")]
    assert spared(prod, "DenyPutToOthers") == [role("ingestion"), role("curation")]
    assert spared(prod, "DenyReadToOthers") == [role("curation"), OPERATOR]
    # The same bytes may come again, and then are the newest.
    assert refusals(prod)["DenyOverwriting"]["Resource"] == [f"{RAW}/{REJECTED_PREFIX}*"]


@pytest.mark.requirement("LAKE-QUEUE-01", "LAKE-CURATE-04")
def test_raw_objects_are_announced_to_a_queue_that_gives_a_message_up_after_three_receives(prod: Deployed) -> None:
    (announced,) = prod.one("s3/bucketNotification:BucketNotification", "lake-raw").inputs["queues"]
    queue = prod.one("sqs/queue:Queue", "lake-curation")
    assert announced["queueArn"] == queue.outputs["arn"]
    assert (announced["filterPrefix"], announced["filterSuffix"]) == (RAW_PREFIX, RAW_SUFFIX)
    dead = prod.one("sqs/queue:Queue", "lake-curation-dead-letters")
    assert queue.document("redrivePolicy") == {"deadLetterTargetArn": dead.outputs["arn"], "maxReceiveCount": 3}
    assert queue.inputs["visibilityTimeoutSeconds"] == 6 * 60
    assert queue.inputs["sqsManagedSseEnabled"]
    assert dead.inputs["messageRetentionSeconds"] == 14 * 86_400 > queue.inputs["messageRetentionSeconds"]
    accepted = prod.one("sqs/queuePolicy:QueuePolicy", "lake-curation").statements()["AcceptEventsOfRawObjects"]
    assert accepted["Condition"] == {
        "ArnEquals": {"aws:SourceArn": RAW},
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
    }


@pytest.mark.requirement("LAKE-STORE-02", "LAKE-SEC-02", "LAKE-SCALE-01")
@pytest.mark.parametrize("part", TABLES)
def test_a_table_is_paid_by_request_recoverable_and_protected(prod: Deployed, changed: Deployed, part: str) -> None:
    table = prod.one("dynamodb/table:Table", f"lake-{part}")
    assert table.inputs["billingMode"] == "PAY_PER_REQUEST"
    assert table.inputs["pointInTimeRecovery"] == {"enabled": True}
    assert table.inputs["ttl"] == {"attributeName": "expires_at", "enabled": True}
    assert table.inputs["deletionProtectionEnabled"]
    assert table.protected
    # DynamoDB's own key, unless the stack asks for the account's.
    assert "serverSideEncryption" not in table.inputs
    other = changed.one("dynamodb/table:Table", f"lake-{part}")
    assert other.inputs["serverSideEncryption"] == {"enabled": True}


@pytest.mark.requirement("LAKE-STORE-02")
def test_keys_are_those_that_functions_write(prod: Deployed, changed: Deployed) -> None:
    def keys(deployed: Deployed, part: str) -> tuple[str, str | None]:
        table = deployed.one("dynamodb/table:Table", f"lake-{part}").inputs
        return table["hashKey"], table.get("rangeKey")

    assert keys(prod, "records") == (ID, None)
    assert keys(prod, "counters") == (COUNTER, COUNTER_ITEM)
    assert keys(prod, "sources") == (KEY, None)
    assert keys(changed, "versions") == (ID, SEEN)
    (index,) = prod.one("dynamodb/table:Table", "lake-records").inputs["globalSecondaryIndexes"]
    assert index == {
        "name": "SourceIndex",
        "keySchemas": [
            {"attributeName": SOURCE, "keyType": "HASH"},
            {"attributeName": CAPTURED_AT, "keyType": "RANGE"},
        ],
        "projectionType": "KEYS_ONLY",
    }


def test_there_is_a_table_of_versions_where_the_stack_keeps_them_alone(prod: Deployed, changed: Deployed) -> None:
    assert [table for table in prod.all("dynamodb/table:Table") if table.name.endswith("-versions")] == []
    assert "lakeVersionsTable" not in prod.exports
    assert changed.exports["lakeVersionsTable"] == "baler-prod-lake-versions-1a2b3c4"


@pytest.mark.requirement("LAKE-SEC-04")
def test_a_source_that_declares_headers_has_a_secret_without_a_value_that_ingestion_alone_reads(
    prod: Deployed, changed: Deployed
) -> None:
    assert prod.all("secretsmanager/secret:Secret") == []
    (secret,) = changed.all("secretsmanager/secret:Secret")
    assert secret.name == "baler-prod-lake-source-orders"
    assert "token, client" in secret.inputs["description"]
    assert changed.all("secretsmanager/secretVersion:SecretVersion") == []
    assert changed.exports["lakeSourceSecrets"] == {"orders": secret.outputs["arn"]}
    refusal = changed.one("secretsmanager/secretPolicy:SecretPolicy", "lake-source-orders").statements()
    assert refusal["DenyReadToOthers"]["Condition"] == {"ArnNotEquals": {"aws:PrincipalArn": role("ingestion")}}
    assert "DenyOtherNetworks" not in refusal
    granted = changed.one("iam/rolePolicy:RolePolicy", "lake-ingestion").statements()["ReadSecrets"]
    assert granted["Resource"] == [secret.outputs["arn"]]


def test_ingestion_keeps_the_states_of_its_sources_and_the_api_the_key_that_signs_pages(
    prod: Deployed, changed: Deployed
) -> None:
    def items(deployed: Deployed, part: str, sid: str) -> list[str]:
        statement = deployed.one("iam/rolePolicy:RolePolicy", f"lake-{part}").statements()[sid]
        assert statement["Resource"] == [f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/baler-prod-lake-sources-1a2b3c4"]
        return list(statement["Condition"]["ForAllValues:StringEquals"]["dynamodb:LeadingKeys"])

    assert items(prod, "ingestion", "KeepStatesOfSources") == ["jsonplaceholder", "randomuser"]
    assert items(changed, "ingestion", "KeepStatesOfSources") == ["orders", "weather"]
    assert items(prod, "api", "KeepPagingKey") == [PAGING_KEY]


@pytest.mark.requirement("LAKE-SEC-01")
def test_accesses_to_raw_are_recorded_but_those_of_the_two_functions_that_are_for_it(prod: Deployed) -> None:
    (trail,) = prod.all("cloudtrail/trail:Trail")
    (selector,) = trail.inputs["advancedEventSelectors"]
    fields = {each["field"]: each for each in selector["fieldSelectors"]}
    assert fields["resources.ARN"]["startsWiths"] == [f"{RAW}/"]
    sessions = fields["userIdentity.arn"]["notStartsWiths"]
    assert [each.split(":assumed-role/")[1] for each in sessions] == [
        f"baler-prod-lake-{part}-1a2b3c4/" for part in ("ingestion", "curation")
    ]
