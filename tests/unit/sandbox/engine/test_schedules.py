from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from sandbox.engine.errors import CreationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.resources.creation import Created

    Create = Callable[..., Created]

FUNCTION = "arn:aws:lambda:eu-west-2:123456789012:function:f"


@pytest.fixture
def rule(create: Create) -> Created:
    inputs = {
        "description": "tick",
        "name": "tick",
        "scheduleExpression": "rate(1 minute)",
        "tags": {"project": "baler"},
    }
    return create("aws:cloudwatch/eventRule:EventRule", inputs)


def test_a_rule_has_what_the_program_says(aws: Endpoint, rule: Created) -> None:
    found = aws.events.describe_rule(Name="tick")
    assert (found["Description"], found["ScheduleExpression"], found["State"]) == ("tick", "rate(1 minute)", "ENABLED")
    assert aws.events.list_tags_for_resource(ResourceARN=found["Arn"])["Tags"] == [{"Key": "project", "Value": "baler"}]
    assert (rule.id, rule.outputs["name"], rule.outputs["arn"]) == ("tick", "tick", found["Arn"])


def test_a_rule_invokes_its_target(aws: Endpoint, create: Create, rule: Created) -> None:
    created = create("aws:cloudwatch/eventTarget:EventTarget", {"rule": rule.outputs["name"], "arn": FUNCTION})
    (found,) = aws.events.list_targets_by_rule(Rule="tick")["Targets"]
    assert found == {"Id": created.outputs["targetId"], "Arn": FUNCTION}
    assert created.id == f"tick-{found['Id']}"


def test_a_target_that_is_refused_stops_the_deployment(aws: Endpoint, create: Create, rule: Created) -> None:
    refusal: dict[str, Any] = {"FailedEntryCount": 1, "FailedEntries": [{"TargetId": "x", "ErrorMessage": "not there"}]}
    with (
        mock.patch.object(aws.events, "put_targets", return_value=refusal),
        pytest.raises(CreationError, match=r"function:f is no target of the rule tick: not there"),
    ):
        create("aws:cloudwatch/eventTarget:EventTarget", {"rule": rule.outputs["name"], "arn": FUNCTION})


def test_a_permission_says_who_may_invoke_a_function_for_what(
    aws: Endpoint, create: Create, record: Callable[[Any, str], list[dict[str, Any]]], function: str
) -> None:
    asked = record(aws.functions, "AddPermission")
    created = create(
        "aws:lambda/permission:Permission",
        {
            "action": "lambda:InvokeFunction",
            "function": function,
            "principal": "events.amazonaws.com",
            "sourceArn": "arn:aws:events:eu-west-2:123456789012:rule/tick",
        },
    )
    assert asked == [
        {
            "StatementId": created.id,
            "Action": "lambda:InvokeFunction",
            "FunctionName": function,
            "Principal": "events.amazonaws.com",
            "SourceArn": "arn:aws:events:eu-west-2:123456789012:rule/tick",
        }
    ]
    (statement,) = json.loads(aws.functions.get_policy(FunctionName=function)["Policy"])["Statement"]
    assert (statement["Sid"], statement["Action"]) == (created.outputs["statementId"], "lambda:InvokeFunction")


@pytest.fixture
def function(aws: Endpoint) -> str:
    trust = {
        "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    }
    role = aws.iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", **trust}))
    aws.functions.create_function(
        FunctionName="f",
        Role=role["Role"]["Arn"],
        Runtime="python3.13",
        Handler="handler.handle",
        Code={"ZipFile": b"PK\x05\x06" + bytes(18)},
    )
    return "f"
