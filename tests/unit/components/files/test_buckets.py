from typing import TYPE_CHECKING, Any

import pytest

from baler.files.archive.worth_moving import worth_moving_bytes
from components.settings.error import SettingsError

if TYPE_CHECKING:
    from conftest import Deploy, Deployed

BUCKETS = ["files-landing", "files-archive", "files-distribution", "access-log"]
every_bucket = pytest.mark.parametrize("part", BUCKETS)


def rules(deployed: "Deployed", part: str) -> dict[str, Any]:
    configuration = deployed.one("s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", part)
    return {rule["id"]: rule for rule in configuration.inputs["rules"]}


def test_there_is_no_bucket_beyond_those_tested_here(prod: "Deployed") -> None:
    assert {b.name for b in prod.all("s3/bucket:Bucket")} == {f"baler-prod-{part}" for part in BUCKETS}


@pytest.mark.requirement("PULL-NFR-06", "PUSH-SEC-02")
@every_bucket
def test_a_bucket_encrypts_with_s3s_own_keys(prod: "Deployed", part: str) -> None:
    encryption = prod.one(
        "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", part
    ).inputs
    assert encryption["bucket"] == f"baler-prod-{part}-1a2b3c4"
    (rule,) = encryption["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}


@pytest.mark.requirement("PULL-REQ-01", "PULL-REQ-04", "PULL-REQ-05", "PULL-NFR-06")
@every_bucket
def test_a_bucket_cannot_become_public(prod: "Deployed", part: str) -> None:
    block = prod.one("s3/bucketPublicAccessBlock:BucketPublicAccessBlock", part).inputs
    assert block == {
        "bucket": f"baler-prod-{part}-1a2b3c4",
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    }


@every_bucket
def test_a_bucket_owns_whatever_is_put_into_it(prod: "Deployed", part: str) -> None:
    controls = prod.one("s3/bucketOwnershipControls:BucketOwnershipControls", part).inputs
    assert controls == {
        "bucket": f"baler-prod-{part}-1a2b3c4",
        "rule": {"objectOwnership": "BucketOwnerEnforced"},
    }


@pytest.mark.requirement("PULL-NFR-06", "PUSH-SEC-01")
@every_bucket
@pytest.mark.parametrize(
    ("sid", "condition"),
    [
        ("DenyInsecureTransport", {"Bool": {"aws:SecureTransport": "false"}}),
        ("DenyOldTls", {"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
    ],
)
def test_a_bucket_refuses_whoever_comes_without_tls_1_2(
    prod: "Deployed", part: str, sid: str, condition: dict[str, Any]
) -> None:
    policy = prod.one("s3/bucketPolicy:BucketPolicy", part)
    arn = f"arn:aws:s3:::baler-prod-{part}-1a2b3c4"
    assert policy.inputs["bucket"] == f"baler-prod-{part}-1a2b3c4"
    assert policy.statements()[sid] == {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:*"],
        "Resource": [arn, f"{arn}/*"],
        "Condition": condition,
    }


@every_bucket
def test_a_bucket_forgets_stale_multipart_uploads(prod: "Deployed", part: str) -> None:
    rule = rules(prod, part)["abort-stale-multipart-uploads"]
    assert rule["status"] == "Enabled"
    assert rule["filter"] == {"prefix": ""}
    assert rule["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 1}


@pytest.mark.requirement("PULL-REQ-05", "PUSH-INT-02")
@pytest.mark.parametrize("part", ["files-landing", "files-archive", "access-log"])
def test_an_overwritten_object_is_kept_as_a_version(prod: "Deployed", part: str) -> None:
    versioning = prod.one("s3/bucketVersioning:BucketVersioning", part).inputs
    assert versioning == {
        "bucket": f"baler-prod-{part}-1a2b3c4",
        "versioningConfiguration": {"status": "Enabled"},
    }


@every_bucket
def test_what_s3_refuses_side_by_side_or_takes_without_effect_has_an_order(prod: "Deployed", part: str) -> None:
    block = prod.one("s3/bucketPublicAccessBlock:BucketPublicAccessBlock", part)
    assert block.urn in prod.one("s3/bucketPolicy:BucketPolicy", part).depends_on
    versioning = [r.urn for r in prod.all("s3/bucketVersioning:BucketVersioning") if r.name == f"baler-prod-{part}"]
    lifecycle = prod.one("s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", part)
    assert set(versioning) <= set(lifecycle.depends_on)


@pytest.mark.requirement("PULL-NFR-03")
def test_what_the_consumer_deletes_from_the_mailbox_is_gone(prod: "Deployed") -> None:
    versioned = {r.name for r in prod.all("s3/bucketVersioning:BucketVersioning")}
    assert "baler-prod-files-distribution" not in versioned


@pytest.mark.requirement("PULL-NFR-03", "PUSH-PLAN-01")
def test_raw_files_are_gone_after_the_retention_and_never_before_their_messages(deploy: "Deploy") -> None:
    deployed = deploy("prod", settings={"baler:filesLandingRetentionDays": 8, "baler:filesQueueRetentionDays": 3})
    rule = rules(deployed, "files-landing")["expire-raw-files"]
    assert (rule["status"], rule["filter"]) == ("Enabled", {"prefix": ""})
    assert rule["expiration"] == {"days": 5}
    assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": 3}


@pytest.mark.requirement("PULL-REQ-05", "PULL-NFR-03", "PUSH-PLAN-01")
def test_bundles_that_pay_for_their_move_go_to_deep_archive_and_their_index_does_not(deploy: "Deploy") -> None:
    deployed = deploy("prod", settings={"baler:filesArchiveTransitionDays": 25})
    configuration = deployed.one("s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "files-archive")
    assert configuration.inputs["transitionDefaultMinimumObjectSize"] == "varies_by_storage_class"
    rule = rules(deployed, "files-archive")["deep-archive"]
    assert rule["status"] == "Enabled"
    assert rule["filter"] == {"and": {"prefix": "bundles/", "objectSizeGreaterThan": worth_moving_bytes() - 1}}
    moving = [each for each in rules(deployed, "files-archive").values() if "transitions" in each]
    assert moving == [rule]
    assert rule["transitions"] == [{"days": 25, "storageClass": "DEEP_ARCHIVE"}]
    assert rule["noncurrentVersionTransitions"] == [{"noncurrentDays": 25, "storageClass": "DEEP_ARCHIVE"}]


@pytest.mark.requirement("PULL-NFR-03")
def test_by_setting_every_bundle_goes_to_deep_archive_whatever_its_size(deploy: "Deploy") -> None:
    deployed = deploy("prod", settings={"baler:filesTransitionSmallBundles": True})
    assert rules(deployed, "files-archive")["deep-archive"]["filter"] == {"prefix": "bundles/"}


@pytest.mark.requirement("PULL-REQ-05", "PULL-NFR-03", "PULL-NFR-04")
def test_nothing_expires_from_the_archive_or_the_mailbox(prod: "Deployed") -> None:
    for part in ("files-archive", "files-distribution"):
        for rule in rules(prod, part).values():
            assert not {"expiration", "noncurrentVersionExpiration"} & set(rule), (part, rule)


@pytest.mark.parametrize(
    "token",
    [
        "s3/bucketPolicy:BucketPolicy",
        "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "s3/bucketNotification:BucketNotification",
    ],
)
def test_no_configuration_of_a_bucket_overwrites_another(prod: "Deployed", token: str) -> None:
    buckets = [resource.inputs["bucket"] for resource in prod.all(token)]
    assert len(buckets) == len(set(buckets))


def test_the_archive_is_locked_only_where_that_is_asked_for(deploy: "Deploy", prod: "Deployed") -> None:
    lock = "s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
    assert not prod.all(lock)
    settings = {"baler:filesArchiveLockDays": 2555, "baler:filesArchiveLockMode": "COMPLIANCE"}
    locked = deploy("prod", settings=settings)
    assert locked.one(lock, "files-archive").inputs["rule"] == {
        "defaultRetention": {"days": 2555, "mode": "COMPLIANCE"}
    }
    buckets = {bucket.name: bucket.inputs.get("objectLockEnabled") for bucket in locked.all("s3/bucket:Bucket")}
    assert [name for name, enabled in buckets.items() if enabled] == ["baler-prod-files-archive"]


def test_a_stack_that_may_be_thrown_away_locks_nothing(deploy: "Deploy") -> None:
    with pytest.raises(SettingsError, match="baler:protectData"):
        deploy("dev", settings={"baler:filesArchiveLockDays": 1})
