"""A scheduled rule of EventBridge is fired on request: sandbox/localstack/plugins/baler_localstack/rules.py."""

from __future__ import annotations

import http.client
import io
import json
import zipfile
from secrets import token_hex
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from harness.pipeline import wait_until

from sandbox.engine.endpoint import Endpoint

if TYPE_CHECKING:
    from sandbox.localstack.server import LocalStack

SAYS = "import json\n\ndef handle(event, context):\n    print('EVENT ' + json.dumps(event))\n"


@pytest.fixture(scope="module")
def aws(localstack: LocalStack) -> Endpoint:
    return Endpoint(localstack.endpoint, "eu-west-2")


@pytest.fixture
def rule(aws: Endpoint) -> str:
    """A rule every hundred days, whose target is a function of the same name that prints its event."""
    name = f"rule-{token_hex(4)}"
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    logs = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
    document, policy = (json.dumps({"Version": "2012-10-17", "Statement": [each]}) for each in (trust, logs))
    role = aws.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    aws.iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=policy)
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("says.py", SAYS)
    function = aws.functions.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=role,
        Handler="says.handle",
        Code={"ZipFile": package.getvalue()},
    )["FunctionArn"]
    arn = aws.events.put_rule(Name=name, ScheduleExpression="rate(100 days)")["RuleArn"]
    aws.functions.add_permission(
        FunctionName=name,
        StatementId=name,
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=arn,
    )
    aws.events.put_targets(Rule=name, Targets=[{"Id": "function", "Arn": function}])
    return name


def fire(aws: Endpoint, rule: str, body: str = "") -> int:
    connection = http.client.HTTPConnection(urlsplit(aws.url).netloc, timeout=300)
    try:
        connection.request("POST", f"/_baler/rules/{rule}/fire", body)
        return connection.getresponse().status
    finally:
        connection.close()


def events(aws: Endpoint, function: str) -> list[Any]:
    try:
        lines = aws.logs.filter_log_events(logGroupName=f"/aws/lambda/{function}")["events"]
    except aws.logs.exceptions.ResourceNotFoundException:
        return []
    said = [line.get("message", "").partition("EVENT ")[2] for line in lines]
    return [json.loads(text) for text in said if text]


def test_the_function_gets_the_schedules_event_at_the_time_that_is_asked_for(aws: Endpoint, rule: str) -> None:
    assert fire(aws, rule, '{"time": "2026-03-08T23:55:00Z"}') == 200

    (event,) = wait_until("one event", lambda: events(aws, rule), lambda found: len(found) == 1)

    assert (event["source"], event["detail-type"], event["detail"]) == ("aws.events", "Scheduled Event", {})
    assert event["time"] == "2026-03-08T23:55:00Z"
    assert event["resources"][0].endswith(f":rule/{rule}")
    assert fire(aws, rule) == 200
    later = wait_until("two events", lambda: events(aws, rule), lambda found: len(found) == 2)
    assert {found["time"] == event["time"] for found in later} == {True, False}


def test_a_rule_that_is_not_there_or_does_not_run_is_not_found(aws: Endpoint, rule: str) -> None:
    aws.events.disable_rule(Name=rule)

    assert (fire(aws, rule), fire(aws, "nothing")) == (404, 404)


def test_a_time_that_is_none_is_refused(aws: Endpoint, rule: str) -> None:
    assert [fire(aws, rule, body) for body in ('{"time": "now"}', '{"time": 1}', "[]", "x")] == [400] * 4
