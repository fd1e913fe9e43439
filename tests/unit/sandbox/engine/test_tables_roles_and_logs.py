import json
from collections.abc import Callable
from typing import Any, cast

import pytest

from sandbox.engine.endpoint import Endpoint
from sandbox.engine.resources.creation import Created

Create = Callable[..., Created]

TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}


@pytest.mark.requirement("PUSH-INTEG-04")
def test_a_table_has_its_key_its_ttl_and_its_point_in_time_recovery(aws: Endpoint, create: Create) -> None:
    table = create(
        "aws:dynamodb/table:Table",
        {
            "attributes": [{"name": "pk", "type": "S"}, {"name": "sk", "type": "N"}],
            "billingMode": "PAY_PER_REQUEST",
            "deletionProtectionEnabled": True,
            "hashKey": "pk",
            "rangeKey": "sk",
            "pointInTimeRecovery": {"enabled": True},
            "serverSideEncryption": {"enabled": True},
            "tags": {"project": "baler"},
            "ttl": {"attributeName": "expires_at", "enabled": True},
        },
    )

    found = cast("Any", aws.dynamodb.describe_table(TableName=table.id)["Table"])
    assert found["KeySchema"] == [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ]
    assert found["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert found["DeletionProtectionEnabled"] is True
    assert found["TableArn"] == table.outputs["arn"]
    assert found["SSEDescription"]["Status"] == "ENABLED"
    ttl = aws.dynamodb.describe_time_to_live(TableName=table.id)["TimeToLiveDescription"]
    assert ttl == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}
    backups = cast("Any", aws.dynamodb.describe_continuous_backups(TableName=table.id))["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    tags = aws.dynamodb.list_tags_of_resource(ResourceArn=table.outputs["arn"])["Tags"]
    assert tags == [{"Key": "project", "Value": "baler"}]


def test_a_table_has_its_global_indexes(aws: Endpoint, create: Create) -> None:
    attributes = [{"name": name, "type": "S"} for name in ("batch_id", "processed_at", "shard_id")]
    table = create(
        "aws:dynamodb/table:Table",
        {
            "attributes": attributes,
            "billingMode": "PAY_PER_REQUEST",
            "hashKey": "batch_id",
            "rangeKey": "processed_at",
            "globalSecondaryIndexes": [
                {"name": "ShardIndex", "hashKey": "shard_id", "rangeKey": "processed_at", "projectionType": "ALL"}
            ],
        },
    )

    (index,) = cast("Any", aws.dynamodb.describe_table(TableName=table.id)["Table"])["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "ShardIndex"
    assert index["Projection"] == {"ProjectionType": "ALL"}
    assert index["KeySchema"] == [
        {"AttributeName": "shard_id", "KeyType": "HASH"},
        {"AttributeName": "processed_at", "KeyType": "RANGE"},
    ]


def test_a_role_trusts_whom_the_program_says_and_has_its_inline_policy(aws: Endpoint, create: Create) -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::landing/*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}

    role = create(
        "aws:iam/role:Role",
        {
            "assumeRolePolicy": json.dumps(TRUST),
            "description": "May nothing yet.",
            "forceDetachPolicies": True,
            "maxSessionDuration": 7200.0,
            "tags": {"project": "baler"},
        },
    )
    inline = create("aws:iam/rolePolicy:RolePolicy", {"role": role.id, "policy": json.dumps(policy)}, name="may")

    found = aws.iam.get_role(RoleName=role.outputs["name"])["Role"]
    assert found["Arn"] == role.outputs["arn"]
    assert cast("Any", found)["AssumeRolePolicyDocument"] == TRUST
    assert found.get("Description") == "May nothing yet."
    assert found.get("MaxSessionDuration") == 7200
    assert found.get("Tags") == [{"Key": "project", "Value": "baler"}]
    stored = aws.iam.get_role_policy(RoleName=role.id, PolicyName=inline.outputs["name"])
    assert cast("Any", stored)["PolicyDocument"] == policy
    assert inline.id == f"{role.id}:{inline.outputs['name']}"


def test_a_log_group_keeps_its_events_for_the_programs_days(aws: Endpoint, create: Create) -> None:
    group = create(
        "aws:cloudwatch/logGroup:LogGroup",
        {"name": "/aws/lambda/f", "retentionInDays": 30.0, "skipDestroy": False, "tags": {"project": "baler"}},
    )

    (found,) = aws.logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/f")["logGroups"]
    assert found.get("retentionInDays") == 30
    assert found.get("arn") == f"{group.outputs['arn']}:*"
    tags = aws.logs.list_tags_for_resource(resourceArn=group.outputs["arn"])["tags"]
    assert tags == {"project": "baler"}


def test_a_log_group_without_a_retention_keeps_its_events(aws: Endpoint, create: Create) -> None:
    group = create("aws:cloudwatch/logGroup:LogGroup", {"retentionInDays": 0.0})

    (found,) = aws.logs.describe_log_groups(logGroupNamePrefix=group.id)["logGroups"]
    assert "retentionInDays" not in found
