import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.engine.endpoint import Endpoint
from sandbox.engine.resources.creation import Created

Create = Callable[..., Created]
Record = Callable[[Any, str], list[dict[str, Any]]]


def test_a_bucket_is_in_the_stacks_region_with_its_tags(aws: Endpoint, create: Create) -> None:
    bucket = create("aws:s3/bucket:Bucket", {"forceDestroy": True, "tags": {"project": "baler"}}, name="Landing")

    assert bucket.id == bucket.outputs["bucket"]
    assert bucket.id.startswith("landing-")
    assert bucket.outputs["arn"] == f"arn:aws:s3:::{bucket.id}"
    assert aws.s3.get_bucket_location(Bucket=bucket.id)["LocationConstraint"] == "eu-west-2"
    assert aws.s3.get_bucket_tagging(Bucket=bucket.id)["TagSet"] == [{"Key": "project", "Value": "baler"}]


def test_encryption_is_set(aws: Endpoint, create: Create, bucket: str) -> None:
    rule = {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}, "bucketKeyEnabled": True}

    create(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        {"bucket": bucket, "rules": [rule]},
    )

    found = aws.s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert found == [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": True}]


def test_ownership_is_set(aws: Endpoint, create: Create, bucket: str) -> None:
    create(
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        {"bucket": bucket, "rule": {"objectOwnership": "BucketOwnerEnforced"}},
    )

    found = aws.s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert found == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_public_access_is_blocked(aws: Endpoint, create: Create, bucket: str) -> None:
    create(
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        {
            "bucket": bucket,
            "blockPublicAcls": True,
            "blockPublicPolicy": True,
            "ignorePublicAcls": True,
            "restrictPublicBuckets": True,
        },
    )

    found = aws.s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert found == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }


def test_a_policy_is_put(aws: Endpoint, create: Create, bucket: str) -> None:
    policy: dict[str, Any] = {"Version": "2012-10-17", "Statement": []}

    create("aws:s3/bucketPolicy:BucketPolicy", {"bucket": bucket, "policy": json.dumps(policy)})

    assert json.loads(aws.s3.get_bucket_policy(Bucket=bucket)["Policy"]) == policy


def test_versioning_is_enabled(aws: Endpoint, create: Create, bucket: str) -> None:
    create(
        "aws:s3/bucketVersioning:BucketVersioning",
        {"bucket": bucket, "versioningConfiguration": {"status": "Enabled"}},
    )

    assert aws.s3.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled"


@pytest.fixture
def lifecycle_requests(aws: Endpoint, record: Record) -> list[dict[str, Any]]:
    return record(aws.s3, "PutBucketLifecycleConfiguration")


def set_lifecycle(create: Create, bucket: str, *rules: dict[str, Any], **inputs: Any) -> None:
    create(
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        {"bucket": bucket, "rules": list(rules), **inputs},
    )


def test_lifecycle_rules_are_set(aws: Endpoint, create: Create, bucket: str) -> None:
    set_lifecycle(
        create,
        bucket,
        {
            "id": "old",
            "status": "Enabled",
            "filter": {"prefix": "bundles/"},
            "transitions": [{"days": 20.0, "storageClass": "DEEP_ARCHIVE"}],
            "expiration": {"days": 3650.0},
            "noncurrentVersionExpiration": {"noncurrentDays": 7.0},
            "noncurrentVersionTransitions": [{"noncurrentDays": 5.0, "storageClass": "DEEP_ARCHIVE"}],
            "abortIncompleteMultipartUpload": {"daysAfterInitiation": 1.0},
        },
    )

    assert aws.s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == [
        {
            "ID": "old",
            "Status": "Enabled",
            "Filter": {"Prefix": "bundles/"},
            "Transitions": [{"Days": 20, "StorageClass": "DEEP_ARCHIVE"}],
            "Expiration": {"Days": 3650},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 7},
            "NoncurrentVersionTransitions": [{"NoncurrentDays": 5, "StorageClass": "DEEP_ARCHIVE"}],
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        }
    ]


def test_the_size_that_transitions_start_from_is_set(
    lifecycle_requests: list[dict[str, Any]], create: Create, bucket: str
) -> None:
    rule = {"id": "r", "status": "Enabled", "expiration": {"days": 1.0}}

    set_lifecycle(create, bucket, rule, transitionDefaultMinimumObjectSize="varies_by_storage_class")

    assert lifecycle_requests[0]["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class"


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ({}, {"Prefix": ""}),
        ({"objectSizeGreaterThan": 10.0}, {"ObjectSizeGreaterThan": 10}),
        ({"tag": {"key": "a", "value": "b"}}, {"Tag": {"Key": "a", "Value": "b"}}),
        (
            {"and": {"prefix": "p/", "tags": {"a": "b"}}},
            {"And": {"Prefix": "p/", "Tags": [{"Key": "a", "Value": "b"}]}},
        ),
    ],
)
def test_a_lifecycle_rule_selects_its_objects(
    lifecycle_requests: list[dict[str, Any]],
    create: Create,
    bucket: str,
    selection: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    rule = {"id": "r", "status": "Enabled", "filter": selection, "expiration": {"days": 1.0}}

    set_lifecycle(create, bucket, rule)

    assert lifecycle_requests[0]["LifecycleConfiguration"]["Rules"][0]["Filter"] == expected


def test_events_are_sent_to_a_queue(aws: Endpoint, create: Create, bucket: str) -> None:
    queue_arn = create("aws:sqs/queue:Queue", {}).outputs["arn"]
    queue = {"events": ["s3:ObjectCreated:*"], "filterPrefix": "in/", "id": "landed", "queueArn": queue_arn}

    create("aws:s3/bucketNotification:BucketNotification", {"bucket": bucket, "queues": [queue]})

    (found,) = aws.s3.get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"]
    assert found["QueueArn"] == queue_arn
    assert found["Events"] == ["s3:ObjectCreated:*"]
    assert found.get("Id") == "landed"
    (rule,) = found.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    assert (str(rule.get("Name")).lower(), rule.get("Value")) == ("prefix", "in/")


def test_a_bucket_rings_a_function_for_what_is_put_under_a_prefix(
    aws: Endpoint, create: Create, record: Record, bucket: str
) -> None:
    asked = record(aws.s3, "PutBucketNotificationConfiguration")
    function = {
        "events": ["s3:ObjectCreated:*"],
        "filterPrefix": "bundles/",
        "id": "bell",
        "lambdaFunctionArn": "arn:aws:lambda:eu-west-2:123456789012:function:f:live",
    }
    create("aws:s3/bucketNotification:BucketNotification", {"bucket": bucket, "lambdaFunctions": [function]})
    (request,) = asked
    assert request["NotificationConfiguration"] == {
        "LambdaFunctionConfigurations": [
            {
                "Events": ["s3:ObjectCreated:*"],
                "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "bundles/"}]}},
                "Id": "bell",
                "LambdaFunctionArn": function["lambdaFunctionArn"],
            }
        ]
    }
