"""What each role may do: action by action, resource by resource."""

from typing import TYPE_CHECKING, Any

import pytest
from harness.recorded_program import HTTP

from runtime.files.aws.reconciliation_progress import PROGRESS_KEY

if TYPE_CHECKING:
    from conftest import Deploy, Deployed

LANDING = "arn:aws:s3:::baler-prod-files-landing-1a2b3c4"
ARCHIVE = "arn:aws:s3:::baler-prod-files-archive-1a2b3c4"
MAILBOX = "arn:aws:s3:::baler-prod-files-distribution-1a2b3c4"
CLAIMS = "arn:aws:dynamodb:eu-west-2:111122223333:table/baler-prod-files-claims-1a2b3c4"
MAPPING = "arn:aws:lambda:eu-west-2:111122223333:event-source-mapping:baler-prod-files-aggregator-1a2b3c4"
QUEUE = "arn:aws:sqs:eu-west-2:111122223333:baler-prod-files-ingest-1a2b3c4"
DEAD_LETTERS = "arn:aws:sqs:eu-west-2:111122223333:baler-prod-files-dead-letters-1a2b3c4"
LOG = "arn:aws:logs:eu-west-2:111122223333:log-group:/aws/lambda/baler-prod-files-aggregator:*"
SUBNET = "arn:aws:ec2:eu-west-2:111122223333:subnet/baler-prod-network-function"
GROUP = "arn:aws:ec2:eu-west-2:111122223333:security-group/baler-prod-function-access-1a2b3c4"
INTERFACES = "arn:aws:ec2:eu-west-2:111122223333:network-interface/*"
# What only describes, and what sends traces, is of no resource.
WITHOUT_RESOURCES = {"Trace", "FilesTrace", "LookAtInterfaces", "LookAtLogGroups"}
NETWORKS = ["203.0.113.0/24", "2001:db8::/48"]


def statements(deployed: "Deployed", part: str) -> dict[str, dict[str, Any]]:
    """Return the statements of the one policy of a role."""
    (policy,) = (
        r for r in deployed.all("iam/rolePolicy:RolePolicy") if r.inputs["role"] == f"baler-prod-{part}-1a2b3c4"
    )
    return policy.statements()


def allowed(deployed: "Deployed", part: str) -> set[tuple[str, str]]:
    """Return the pairs of action and resource that a role is allowed."""
    return {
        (action, resource)
        for statement in statements(deployed, part).values()
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
        for resource in statement["Resource"]
    }


@pytest.mark.requirement("PULL-NFR-06", "PUSH-SEC-04", "PUSH-INTEG-02")
def test_the_aggregator_may_do_its_work_and_no_more(prod: "Deployed") -> None:
    assert allowed(prod, "files-aggregator") == {
        ("s3:GetObject", f"{LANDING}/*"),
        ("s3:GetObjectVersion", f"{LANDING}/*"),
        ("s3:PutObject", f"{ARCHIVE}/bundles/*"),
        ("s3:GetObject", f"{ARCHIVE}/bundles/*"),
        ("s3:PutObject", f"{ARCHIVE}/manifests/*"),
        ("s3:PutObject", f"{MAILBOX}/bundles/*"),
        ("dynamodb:PartiQLInsert", CLAIMS),
        ("dynamodb:PutItem", CLAIMS),
        ("dynamodb:GetItem", CLAIMS),
        ("sqs:ReceiveMessage", QUEUE),
        ("sqs:DeleteMessage", QUEUE),
        ("sqs:GetQueueAttributes", QUEUE),
        ("sqs:ChangeMessageVisibility", QUEUE),
        ("sqs:SendMessage", DEAD_LETTERS),
        ("logs:CreateLogStream", LOG),
        ("logs:PutLogEvents", LOG),
        ("xray:PutTraceSegments", "*"),
        ("xray:PutTelemetryRecords", "*"),
        ("ec2:CreateNetworkInterface", f"{SUBNET}-a-1a2b3c4"),
        ("ec2:CreateNetworkInterface", f"{SUBNET}-b-1a2b3c4"),
        ("ec2:CreateNetworkInterface", GROUP),
        ("ec2:CreateNetworkInterface", INTERFACES),
        ("ec2:DeleteNetworkInterface", INTERFACES),
        ("ec2:AssignPrivateIpAddresses", INTERFACES),
        ("ec2:UnassignPrivateIpAddresses", INTERFACES),
        ("ec2:DescribeNetworkInterfaces", "*"),
        ("ec2:DescribeSubnets", "*"),
    }


@pytest.mark.requirement("PULL-NFR-06")
def test_the_mailbox_monitor_may_list_the_mailbox_read_configurations_and_no_more(prod: "Deployed") -> None:
    log = "arn:aws:logs:eu-west-2:111122223333:log-group:/aws/lambda/baler-prod-files-mailbox-monitor:*"
    of_the_network = {(action, on) for action, on in allowed(prod, "files-aggregator") if action.startswith("ec2:")}
    assert allowed(prod, "files-mailbox-monitor") == of_the_network | {
        ("s3:ListBucket", MAILBOX),
        ("s3:GetBucketNotification", LANDING),
        ("sqs:GetQueueAttributes", QUEUE),
        ("lambda:GetEventSourceMapping", MAPPING),
        ("logs:CreateLogStream", log),
        ("logs:PutLogEvents", log),
    }


@pytest.mark.requirement("PULL-NFR-06")
def test_reconciliation_may_list_compare_and_announce_and_reads_no_file(prod: "Deployed") -> None:
    log = "arn:aws:logs:eu-west-2:111122223333:log-group:/aws/lambda/baler-prod-files-reconciliation:*"
    of_the_network = {(action, on) for action, on in allowed(prod, "files-aggregator") if action.startswith("ec2:")}
    assert allowed(prod, "files-reconciliation") == of_the_network | {
        ("s3:ListBucketVersions", LANDING),
        ("dynamodb:BatchGetItem", CLAIMS),
        ("dynamodb:GetItem", CLAIMS),
        ("dynamodb:PutItem", CLAIMS),
        ("sqs:SendMessage", QUEUE),
        ("sqs:GetQueueAttributes", QUEUE),
        ("logs:CreateLogStream", log),
        ("logs:PutLogEvents", log),
    }


@pytest.mark.requirement("PUSH-SEC-04", "PUSH-INTEG-02")
def test_the_courier_may_take_bundles_hold_its_table_read_its_secret_and_no_more(deploy: "Deploy") -> None:
    pushed = deploy("prod", settings=HTTP)
    log = "arn:aws:logs:eu-west-2:111122223333:log-group:/aws/lambda/baler-prod-files-courier:*"
    table = "arn:aws:dynamodb:eu-west-2:111122223333:table/baler-prod-files-courier-1a2b3c4"
    group = "arn:aws:ec2:eu-west-2:111122223333:security-group/baler-prod-files-courier-1a2b3c4"
    of_the_network = {(action, on) for action, on in allowed(pushed, "files-aggregator") if action.startswith("ec2:")}
    assert allowed(pushed, "files-courier") == of_the_network - {("ec2:CreateNetworkInterface", GROUP)} | {
        ("ec2:CreateNetworkInterface", group),
        ("s3:ListBucket", MAILBOX),
        ("s3:GetObject", f"{MAILBOX}/bundles/*"),
        ("s3:DeleteObject", f"{MAILBOX}/bundles/*"),
        ("s3:PutObject", f"{MAILBOX}/quarantine/*"),
        ("dynamodb:GetItem", table),
        ("dynamodb:PutItem", table),
        ("dynamodb:UpdateItem", table),
        (
            "secretsmanager:GetSecretValue",
            "arn:aws:secretsmanager:eu-west-2:111122223333:secret:baler-prod-files-receiver-1a2b3c4-6DigIt",
        ),
        ("logs:CreateLogStream", log),
        ("logs:PutLogEvents", log),
        ("xray:PutTraceSegments", "*"),
        ("xray:PutTelemetryRecords", "*"),
    }


def test_a_courier_changes_nothing_of_what_the_other_functions_may_do(deploy: "Deploy", prod: "Deployed") -> None:
    pushed = deploy("prod", settings=HTTP)
    for part in ("files-aggregator", "files-mailbox-monitor", "files-reconciliation", "files-registrar"):
        assert statements(pushed, part) == statements(prod, part)


@pytest.mark.requirement("PULL-NFR-06")
def test_the_registrar_may_read_manifests_and_add_to_the_register_and_reads_no_bundle(prod: "Deployed") -> None:
    log = "arn:aws:logs:eu-west-2:111122223333:log-group:/aws/lambda/baler-prod-files-registrar:*"
    of_the_network = {(action, on) for action, on in allowed(prod, "files-aggregator") if action.startswith("ec2:")}
    assert allowed(prod, "files-registrar") == of_the_network | {
        ("s3:ListBucket", ARCHIVE),
        ("s3:GetObject", f"{ARCHIVE}/manifests/*"),
        ("s3:GetObject", f"{ARCHIVE}/register/*"),
        ("s3:PutObject", f"{ARCHIVE}/register/*"),
        ("logs:CreateLogStream", log),
        ("logs:PutLogEvents", log),
    }


@pytest.mark.requirement("PULL-NFR-06")
def test_reconciliation_may_write_where_it_notes_its_progress_and_no_claim(prod: "Deployed") -> None:
    condition = statements(prod, "files-reconciliation")["NoteProgress"]["Condition"]
    assert condition == {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [PROGRESS_KEY]}}


@pytest.mark.requirement("PULL-NFR-06")
@pytest.mark.parametrize(
    "part", ["files-aggregator", "files-mailbox-monitor", "files-reconciliation", "files-registrar"]
)
def test_what_lambda_may_do_with_the_network_the_functions_code_may_not(prod: "Deployed", part: str) -> None:
    of_the_network = {action for action, _ in allowed(prod, part) if action.startswith("ec2:")}
    refusal = statements(prod, part)["DenyInterfacesToCode"]
    assert (refusal["Effect"], set(refusal["Action"]), refusal["Resource"]) == ("Deny", of_the_network, ["*"])
    assert refusal["Condition"] == {"Null": {"lambda:SourceFunctionArn": "false"}}


@pytest.mark.requirement("PULL-NFR-06")
def test_flow_logs_may_write_their_log_and_no_more(prod: "Deployed") -> None:
    log = "arn:aws:logs:eu-west-2:111122223333:log-group:/aws/vpc/baler-prod-network:*"
    actions = ("CreateLogStream", "PutLogEvents", "DescribeLogStreams")
    assert allowed(prod, "network") == {
        *((f"logs:{action}", log) for action in actions),
        ("logs:DescribeLogGroups", "*"),
    }
    (trust,) = prod.one("iam/role:Role", "network").document("assumeRolePolicy")["Statement"]
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111122223333"},
        "ArnLike": {"aws:SourceArn": "arn:aws:ec2:eu-west-2:111122223333:vpc-flow-log/*"},
    }


@pytest.mark.requirement("PULL-REQ-01", "PULL-NFR-06", "PUSH-SEC-05")
def test_the_external_party_may_only_put_and_only_from_its_networks(prod: "Deployed") -> None:
    policy = statements(prod, "files-external-party")
    assert allowed(prod, "files-external-party") == {("s3:PutObject", f"{LANDING}/*")}
    assert policy["PutFiles"]["Condition"] == {"IpAddress": {"aws:SourceIp": NETWORKS}}


@pytest.mark.requirement("PULL-REQ-01", "PULL-NFR-06")
def test_the_external_party_keeps_to_its_prefix(deploy: "Deploy") -> None:
    deployed = deploy("prod", settings={"baler:filesExternalPartyPrefix": "meters/raw/"})
    policy = statements(deployed, "files-external-party")
    files = [f"{LANDING}/meters/raw/*"]
    assert policy["PutFiles"]["Resource"] == policy["DenyOtherNetworks"]["Resource"] == files
    assert policy["DenyPutElsewhere"]["NotResource"] == files


@pytest.mark.requirement("PULL-REQ-01", "PULL-NFR-06")
def test_the_external_party_is_refused_everything_else_whatever_it_is_granted_elsewhere(prod: "Deployed") -> None:
    policy = statements(prod, "files-external-party")
    assert policy["DenyAllButPut"] == {
        "Sid": "DenyAllButPut",
        "Effect": "Deny",
        "NotAction": ["s3:PutObject"],
        "Resource": ["*"],
    }
    assert policy["DenyPutElsewhere"] == {
        "Sid": "DenyPutElsewhere",
        "Effect": "Deny",
        "Action": ["s3:PutObject"],
        "NotResource": [f"{LANDING}/*"],
    }
    assert policy["DenyOtherNetworks"] == {
        "Sid": "DenyOtherNetworks",
        "Effect": "Deny",
        "Action": ["s3:PutObject"],
        "Resource": [f"{LANDING}/*"],
        "Condition": {"NotIpAddress": {"aws:SourceIp": NETWORKS}},
    }


@pytest.mark.requirement("PULL-REQ-04", "PULL-REQ-06", "PULL-NFR-06")
def test_the_consumer_may_only_empty_the_mailbox(prod: "Deployed") -> None:
    assert allowed(prod, "files-consumer") == {
        ("s3:ListBucket", MAILBOX),
        ("s3:GetObject", f"{MAILBOX}/bundles/*"),
        ("s3:DeleteObject", f"{MAILBOX}/bundles/*"),
    }


@pytest.mark.requirement("PULL-REQ-04", "PULL-NFR-06")
def test_the_consumer_is_refused_everything_else_whatever_it_is_granted_elsewhere(prod: "Deployed") -> None:
    policy = statements(prod, "files-consumer")
    actions = ["s3:GetObject", "s3:DeleteObject", "s3:ListBucket"]
    assert policy["DenyAllButCollect"] == {
        "Sid": "DenyAllButCollect",
        "Effect": "Deny",
        "NotAction": actions,
        "Resource": ["*"],
    }
    assert policy["DenyCollectElsewhere"] == {
        "Sid": "DenyCollectElsewhere",
        "Effect": "Deny",
        "Action": actions,
        "NotResource": [MAILBOX, f"{MAILBOX}/bundles/*"],
    }


@pytest.mark.parametrize(
    ("part", "principal"),
    [
        ("files-aggregator", {"Service": "lambda.amazonaws.com"}),
        ("files-mailbox-monitor", {"Service": "lambda.amazonaws.com"}),
        ("files-reconciliation", {"Service": "lambda.amazonaws.com"}),
        ("files-registrar", {"Service": "lambda.amazonaws.com"}),
        ("network", {"Service": "vpc-flow-logs.amazonaws.com"}),
        ("files-rollout", {"Service": "codedeploy.amazonaws.com"}),
        ("files-courier", {"Service": "lambda.amazonaws.com"}),
        ("files-courier-rollout", {"Service": "codedeploy.amazonaws.com"}),
        ("files-external-party", {"AWS": "arn:aws:iam::444455556666:role/uploader"}),
        ("files-consumer", {"AWS": "arn:aws:iam::111122223333:user/on-premises"}),
    ],
)
def test_a_role_trusts_one_principal(deploy: "Deploy", part: str, principal: dict[str, str]) -> None:
    deployed = deploy("prod", settings=HTTP if "courier" in part else {})
    (trust,) = deployed.one("iam/role:Role", part).document("assumeRolePolicy")["Statement"]
    assert (trust["Effect"], trust["Action"], trust["Principal"]) == ("Allow", ["sts:AssumeRole"], principal)


def test_the_external_party_names_its_external_id_if_there_is_one(deploy: "Deploy", prod: "Deployed") -> None:
    with_id = deploy("prod", settings={"baler:filesExternalPartyExternalId": "agreed-on-the-phone"})
    trust = with_id.one("iam/role:Role", "files-external-party").statements("assumeRolePolicy")
    assert trust["TrustTheExternalParty"]["Condition"] == {"StringEquals": {"sts:ExternalId": "agreed-on-the-phone"}}
    without = prod.one("iam/role:Role", "files-external-party").statements("assumeRolePolicy")
    assert "Condition" not in without["TrustTheExternalParty"]


@pytest.mark.requirement("PULL-NFR-06")
@pytest.mark.parametrize("settings", [{}, HTTP], ids=["pull", "http"])
def test_no_allowance_is_wider_than_aws_forces_it_to_be(deploy: "Deploy", settings: dict[str, Any]) -> None:
    for resource in deploy("prod", settings=settings).resources:
        if "policy" not in resource.inputs:
            continue
        for statement in resource.statements().values():
            if statement["Effect"] == "Allow" and statement["Sid"] not in WITHOUT_RESOURCES:
                assert not [a for a in statement["Action"] if "*" in a], (resource.name, statement)
                # An ARN may end in the objects of a bucket or the streams of a log, and in nothing else.
                wide = [r for r in statement["Resource"] if "*" in r.removesuffix("/*").removesuffix(":*")]
                if resource.type == "aws:kms/key:Key":
                    wide.remove("*")  # in a key's own policy it is that key
                assert not wide, (resource.name, statement)


def test_every_role_has_one_policy(prod: "Deployed") -> None:
    roles = sorted(r.inputs["role"] for r in prod.all("iam/rolePolicy:RolePolicy"))
    assert roles == sorted(f"{r.name}-1a2b3c4" for r in prod.all("iam/role:Role"))
