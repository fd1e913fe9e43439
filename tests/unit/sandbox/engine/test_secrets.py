from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.resources.creation import Created

    Create = Callable[..., Created]

SECRET = {
    "description": "for the receiver",
    "name": "baler-test-files-receiver",
    "recoveryWindowInDays": 7.0,
    "tags": {"project": "baler"},
}


def test_a_secret_has_what_the_program_says_and_no_value(aws: Endpoint, create: Create) -> None:
    made = create("aws:secretsmanager/secret:Secret", SECRET)
    found = aws.secrets.describe_secret(SecretId=made.id)
    assert (found["Name"], found["Description"]) == (SECRET["name"], SECRET["description"])
    assert found["Tags"] == [{"Key": "project", "Value": "baler"}]
    assert made.outputs["arn"] == found["ARN"] == made.id
    with pytest.raises(ClientError, match="AWSCURRENT"):
        aws.secrets.get_secret_value(SecretId=made.id)


def test_a_policy_says_who_may_use_a_secret(aws: Endpoint, create: Create) -> None:
    made = create("aws:secretsmanager/secret:Secret", SECRET)
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    create("aws:secretsmanager/secretPolicy:SecretPolicy", {"secretArn": made.id, "policy": policy})
    assert aws.secrets.get_resource_policy(SecretId=made.id)["ResourcePolicy"] == policy
