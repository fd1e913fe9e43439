"""The courier's function, what wakes it, and what it works on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from harness.recorded_program import HTTP, S3

from baler.files.bundle.ids import PREFIX, QUARANTINE_PREFIX
from runtime.files.courier.environment import Environment

if TYPE_CHECKING:
    from conftest import Deploy, Deployed

FUNCTION = "arn:aws:lambda:eu-west-2:111122223333:function:baler-prod-files-courier"
ALIAS = f"{FUNCTION}:live"
MAILBOX = "baler-prod-files-distribution-1a2b3c4"
CREDENTIALS = "arn:aws:secretsmanager:eu-west-2:111122223333:secret:baler-prod-files-receiver-1a2b3c4-6DigIt"
COURIER = "arn:aws:iam::111122223333:role/baler-prod-files-courier-1a2b3c4"


@pytest.fixture(params=[HTTP, S3], ids=["http", "s3"])
def pushed(deploy: Deploy, request: pytest.FixtureRequest) -> Deployed:
    return deploy("prod", settings=request.param)


def variables(deployed: Deployed) -> dict[str, str]:
    return deployed.one("lambda/function:Function", "files-courier").inputs["environment"]["variables"]


def test_a_bundle_in_the_mailbox_rings_at_the_alias_and_one_that_is_set_aside_does_not(pushed: Deployed) -> None:
    bell = pushed.one("s3/bucketNotification:BucketNotification", "files-distribution")
    assert bell.inputs == {
        "bucket": MAILBOX,
        "lambdaFunctions": [{"lambdaFunctionArn": ALIAS, "events": ["s3:ObjectCreated:*"], "filterPrefix": "bundles/"}],
    }
    assert any(urn.endswith("lambda/permission:Permission::baler-prod-files-distribution") for urn in bell.depends_on)


def test_the_mailbox_alone_rings_and_only_while_the_bucket_is_ours(pushed: Deployed) -> None:
    assert pushed.one("lambda/permission:Permission", "files-distribution").inputs == {
        "function": "baler-prod-files-courier",
        "qualifier": "live",
        "action": "lambda:InvokeFunction",
        "principal": "s3.amazonaws.com",
        "sourceArn": f"arn:aws:s3:::{MAILBOX}",
        "sourceAccount": "111122223333",
    }


def test_a_rule_wakes_it_each_minute_through_the_same_alias(pushed: Deployed) -> None:
    rule = pushed.one("cloudwatch/eventRule:EventRule", "files-courier")
    assert rule.inputs["scheduleExpression"] == "rate(1 minute)"
    assert pushed.one("cloudwatch/eventTarget:EventTarget", "files-courier").inputs == {
        "rule": "baler-prod-files-courier",
        "arn": ALIAS,
    }
    assert pushed.one("lambda/permission:Permission", "files-courier").inputs == {
        "function": "baler-prod-files-courier",
        "qualifier": "live",
        "action": "lambda:InvokeFunction",
        "principal": "events.amazonaws.com",
        "sourceArn": rule.outputs["arn"],
    }


def test_an_event_is_tried_once_and_is_no_use_when_the_next_one_is_there(pushed: Deployed) -> None:
    kept = pushed.one("lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "files-courier")
    assert kept.inputs == {
        "functionName": "baler-prod-files-courier",
        "qualifier": "live",
        "maximumRetryAttempts": 0,
        "maximumEventAgeInSeconds": 60,
    }


@pytest.mark.requirement("PUSH-REQ-04")
@pytest.mark.parametrize(("settings", "of_receiver"), [
    (HTTP, {"DELIVERY": "http", "RECEIVER_URL": "https://nifi.example.org:8443/contentListener"}),
    (
        {**S3, "baler:filesReceiverPrefix": "landing/", "baler:filesReceiverPathStyle": False},
        {
            "DELIVERY": "s3",
            "RECEIVER_URL": "https://store.example.org:9000",
            "RECEIVER_BUCKET": "bundles",
            "RECEIVER_PREFIX": "landing/",
            "RECEIVER_REGION": "us-east-1",
            "RECEIVER_PATH_STYLE": "false",
            "RECEIVER_CONDITIONAL_PUTS": "true",
            "RECEIVER_VERIFY_BY_READ": "false",
            "RECEIVER_CHECKSUMS": "when-required",
        },
    ),
])  # fmt: skip
def test_it_is_told_its_receiver_and_how_to_send(
    deploy: Deploy, settings: dict[str, Any], of_receiver: dict[str, str]
) -> None:
    assert variables(deploy("prod", settings=settings)) == {
        "STACK": "prod",
        "DISTRIBUTION_BUCKET": MAILBOX,
        "COURIER_TABLE": "baler-prod-files-courier-1a2b3c4",
        "RECEIVER_ADDRESS": "10.20.30.40",
        "RECEIVER_SECRET": CREDENTIALS,
        **of_receiver,
        "SEND_TIMEOUT_SECONDS": "30",
        "FAILURES_TO_OPEN": "3",
        "PROBE_INTERVAL_SECONDS": "30",
        "PARALLEL_SENDS": "4",
        "REFUSAL_TRIES": "3",
        "CREDENTIALS_GRACE_SECONDS": "300",
        "RECEIPT_LIFETIME_SECONDS": str(2555 * 86_400),
        "POWERTOOLS_SERVICE_NAME": "courier",
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }


@pytest.mark.parametrize("settings", [HTTP, S3], ids=["http", "s3"])
def test_the_variables_of_the_longest_settings_fit_into_what_lambda_takes(
    deploy: Deploy, settings: dict[str, Any]
) -> None:
    url = settings["baler:filesReceiverUrl"].partition("/contentListener")[0]
    path = "" if settings is S3 else "/" + "p" * (512 - len(url) - 1)
    longest = {**settings, "baler:filesReceiverUrl": url + path}
    told = variables(deploy("prod", settings=longest))
    # 4 KB of names and values together (Lambda quotas).
    assert sum(len(name) + len(value) for name, value in told.items()) < 4096


def test_it_is_sized_and_built_as_the_stack_says(deploy: Deploy) -> None:
    settings = {"baler:filesCourierMemoryMegabytes": 1024, "baler:functionPython": "3.12"}
    function = deploy("prod", settings={**HTTP, **settings}).one("lambda/function:Function", "files-courier").inputs
    assert function["handler"] == "runtime.files.courier.handler.handle"
    assert (function["runtime"], function["memorySize"], function["timeout"]) == ("python3.12", 1024, 900)
    assert function["publish"] is True
    assert function["tracingConfig"] == {"mode": "Active"}
    assert function["role"] == COURIER


def test_no_version_is_published_before_everything_lets_it_in_and_its_ways_are_open(pushed: Deployed) -> None:
    needs = {urn.split("::", 2)[2] for urn in pushed.one("lambda/function:Function", "files-courier").depends_on}
    ends = {need.rpartition("$")[2] for need in needs}
    assert {
        "aws:iam/rolePolicy:RolePolicy::baler-prod-files-courier",
        "aws:s3/bucketPolicy:BucketPolicy::baler-prod-files-distribution",
        "aws:secretsmanager/secretPolicy:SecretPolicy::baler-prod-files-receiver",
        "aws:ec2/route:Route::baler-prod-files-courier",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule::baler-prod-files-courier-receiver",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule::baler-prod-files-courier-s3",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule::baler-prod-files-courier-endpoints",
        "aws:ec2/vpcEndpoint:VpcEndpoint::baler-prod-function-access-secretsmanager",
    } <= ends


@pytest.mark.requirement("PUSH-SEC-03")
def test_the_secret_has_no_value_and_comes_back_for_a_month(pushed: Deployed) -> None:
    secret = pushed.one("secretsmanager/secret:Secret", "files-receiver")
    assert set(secret.inputs) == {"description", "recoveryWindowInDays"}
    assert secret.inputs["recoveryWindowInDays"] == 30
    assert secret.protected
    assert [r.name for r in pushed.resources if r.type.startswith("aws:secretsmanager/secretVersion")] == []


@pytest.mark.requirement("MINIO-ARCH-04", "PUSH-SEC-03", "PUSH-NFR-06")
def test_the_courier_alone_reads_the_secret_from_its_network_and_does_nothing_else_with_it(pushed: Deployed) -> None:
    policy = pushed.one("secretsmanager/secretPolicy:SecretPolicy", "files-receiver")
    common = {"Effect": "Deny", "Principal": "*", "Resource": [CREDENTIALS]}
    assert policy.inputs["blockPublicPolicy"] is True
    assert policy.statements() == {
        "DenyReadToOthers": {
            **common,
            "Sid": "DenyReadToOthers",
            "Action": ["secretsmanager:GetSecretValue"],
            "Condition": {"ArnNotEquals": {"aws:PrincipalArn": COURIER}},
        },
        "DenyAllButReadToTheReader": {
            **common,
            "Sid": "DenyAllButReadToTheReader",
            "NotAction": ["secretsmanager:GetSecretValue"],
            "Condition": {"ArnEquals": {"aws:PrincipalArn": COURIER}},
        },
        "DenyOtherNetworks": {
            **common,
            "Sid": "DenyOtherNetworks",
            "Action": ["secretsmanager:GetSecretValue"],
            "Condition": {"StringNotEquals": {"aws:SourceVpc": ["baler-prod-network-1a2b3c4"]}},
        },
    }


def test_without_a_network_the_secret_is_read_from_anywhere_by_the_courier(deploy: Deploy) -> None:
    settings = {key: value for key, value in HTTP.items() if "files" in key}
    policy = deploy("dev", settings=settings).one("secretsmanager/secretPolicy:SecretPolicy", "files-receiver")
    assert "DenyOtherNetworks" not in policy.statements()


def test_the_table_holds_lease_and_receipts_which_end_and_can_be_restored(pushed: Deployed) -> None:
    table = pushed.one("dynamodb/table:Table", "files-courier")
    assert (table.inputs["hashKey"], table.inputs["billingMode"]) == ("pk", "PAY_PER_REQUEST")
    assert table.inputs["ttl"] == {"attributeName": "expires_at", "enabled": True}
    assert table.inputs["pointInTimeRecovery"] == {"enabled": True}
    assert table.inputs["deletionProtectionEnabled"] is True
    assert table.protected


def test_it_exports_what_its_users_need(pushed: Deployed) -> None:
    found = {key: value for key, value in pushed.exports.items() if "ourier" in key or "eceiver" in key}
    assert found == {
        "filesCourierFunction": "baler-prod-files-courier",
        "filesCourierLogGroup": "/aws/lambda/baler-prod-files-courier",
        "filesCourierTable": "baler-prod-files-courier-1a2b3c4",
        "filesReceiverSecret": CREDENTIALS,
    }


@pytest.mark.parametrize("settings", [HTTP, S3], ids=["http", "s3"])
def test_the_function_reads_what_the_stack_tells_it(deploy: Deploy, settings: dict[str, Any]) -> None:
    read = Environment.read(variables(deploy("prod", settings={**settings, "baler:filesSendTimeoutSeconds": 25})))
    assert (read.delivery, read.receiver_address) == (settings["baler:filesDelivery"], "10.20.30.40")
    assert read.limits.send_timeout_seconds == 25
    assert (read.store.bucket if read.store else None) == settings.get("baler:filesReceiverBucket")


def test_its_rights_are_those_to_the_prefixes_that_it_uses(pushed: Deployed) -> None:
    role = pushed.one("iam/rolePolicy:RolePolicy", "files-courier").statements()
    assert role["TakeBundles"]["Resource"] == [f"arn:aws:s3:::{MAILBOX}/{PREFIX}*"]
    assert role["SetBundlesAside"]["Resource"] == [f"arn:aws:s3:::{MAILBOX}/{QUARANTINE_PREFIX}*"]
