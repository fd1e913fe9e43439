"""What the endpoints of the private network let through."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Deploy, Deployed

LANDING = "arn:aws:s3:::baler-prod-files-landing-1a2b3c4"
ARCHIVE = "arn:aws:s3:::baler-prod-files-archive-1a2b3c4"
MAILBOX = "arn:aws:s3:::baler-prod-files-distribution-1a2b3c4"
CLAIMS = "arn:aws:dynamodb:eu-west-2:111122223333:table/baler-prod-files-claims-1a2b3c4"
QUEUE = "arn:aws:sqs:eu-west-2:111122223333:baler-prod-files-ingest-1a2b3c4"
DEAD_LETTERS = "arn:aws:sqs:eu-west-2:111122223333:baler-prod-files-dead-letters-1a2b3c4"
MAPPING = "arn:aws:lambda:eu-west-2:111122223333:event-source-mapping:baler-prod-files-aggregator-1a2b3c4"
CONSUMER = "arn:aws:iam::111122223333:role/baler-prod-files-consumer-1a2b3c4"

THROUGH: dict[str, set[tuple[str, str]]] = {
    "function-access-s3": {
        ("s3:GetObject", f"{LANDING}/*"),
        ("s3:GetObjectVersion", f"{LANDING}/*"),
        ("s3:PutObject", f"{ARCHIVE}/bundles/*"),
        ("s3:GetObject", f"{ARCHIVE}/bundles/*"),
        ("s3:PutObject", f"{ARCHIVE}/manifests/*"),
        ("s3:ListBucket", ARCHIVE),
        ("s3:GetObject", f"{ARCHIVE}/manifests/*"),
        ("s3:GetObject", f"{ARCHIVE}/register/*"),
        ("s3:PutObject", f"{ARCHIVE}/register/*"),
        ("s3:PutObject", f"{MAILBOX}/bundles/*"),
        ("s3:ListBucket", MAILBOX),
        ("s3:ListBucketVersions", LANDING),
        ("s3:GetBucketNotification", LANDING),
    },
    "function-access-dynamodb": {
        ("dynamodb:PartiQLInsert", CLAIMS),
        ("dynamodb:PutItem", CLAIMS),
        ("dynamodb:GetItem", CLAIMS),
        ("dynamodb:BatchGetItem", CLAIMS),
    },
    "function-access-sqs": {
        ("sqs:ChangeMessageVisibility", QUEUE),
        ("sqs:SendMessage", QUEUE),
        ("sqs:SendMessage", DEAD_LETTERS),
        ("sqs:GetQueueAttributes", QUEUE),
    },
    "function-access-lambda": {("lambda:GetEventSourceMapping", MAPPING)},
    "function-access-xray": {("xray:PutTraceSegments", "*"), ("xray:PutTelemetryRecords", "*")},
    "files-on-premises-s3": {
        ("s3:ListBucket", MAILBOX),
        ("s3:GetObject", f"{MAILBOX}/bundles/*"),
        ("s3:DeleteObject", f"{MAILBOX}/bundles/*"),
    },
    "files-on-premises-sts": {("sts:AssumeRole", CONSUMER)},
}

PREMISES: dict[str, Any] = {
    "baler:onPremisesCidrs": ["192.168.0.0/16", "172.16.0.0/12"],
    "baler:filesConsumerPrincipalArn": "arn:aws:iam::777788889999:user/on-premises",
}


@pytest.fixture
def connected(deploy: "Deploy") -> "Deployed":
    return deploy("prod", settings=PREMISES)


def test_there_is_no_endpoint_beyond_those_tested_here(connected: "Deployed") -> None:
    assert {r.name for r in connected.all("ec2/vpcEndpoint:VpcEndpoint")} == {f"baler-prod-{part}" for part in THROUGH}


@pytest.mark.requirement("PULL-NFR-06", "PULL-NFR-10")
@pytest.mark.parametrize("part", THROUGH)
def test_an_endpoint_lets_through_what_it_is_there_for(connected: "Deployed", part: str) -> None:
    statements = connected.one("ec2/vpcEndpoint:VpcEndpoint", part).statements().values()
    assert {s["Effect"] for s in statements} == {"Allow"}
    through = {(action, resource) for s in statements for action in s["Action"] for resource in s["Resource"]}
    assert through == THROUGH[part]


@pytest.mark.requirement("PULL-NFR-06")
@pytest.mark.parametrize("part", THROUGH)
def test_an_endpoint_is_of_no_use_to_credentials_of_another_account(connected: "Deployed", part: str) -> None:
    account = "777788889999" if part == "files-on-premises-sts" else "111122223333"
    for statement in connected.one("ec2/vpcEndpoint:VpcEndpoint", part).statements().values():
        assert statement["Principal"] == "*"
        assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": account}}


@pytest.mark.parametrize("service", ["s3", "dynamodb"])
def test_the_function_takes_the_gateway_where_there_is_one(connected: "Deployed", service: str) -> None:
    endpoint = connected.one("ec2/vpcEndpoint:VpcEndpoint", f"function-access-{service}").inputs
    assert (endpoint["vpcEndpointType"], endpoint["serviceName"]) == ("Gateway", f"com.amazonaws.eu-west-2.{service}")
    assert endpoint["routeTableIds"] == ["baler-prod-network-function-1a2b3c4"]


@pytest.mark.parametrize(
    ("part", "group"),
    [
        ("function-access-sqs", "function-access-endpoints"),
        ("function-access-xray", "function-access-endpoints"),
        ("files-on-premises-s3", "on-premises"),
        ("files-on-premises-sts", "on-premises"),
    ],
)
def test_an_interface_endpoint_is_in_every_zone_behind_its_group(connected: "Deployed", part: str, group: str) -> None:
    endpoint = connected.one("ec2/vpcEndpoint:VpcEndpoint", part).inputs
    service = part.rpartition("-")[2]
    assert (endpoint["vpcEndpointType"], endpoint["serviceName"]) == ("Interface", f"com.amazonaws.eu-west-2.{service}")
    assert endpoint["subnetIds"] == [f"baler-prod-network-endpoints-{zone}-1a2b3c4" for zone in "ab"]
    assert endpoint["securityGroupIds"] == [f"baler-prod-{group}-1a2b3c4"]


@pytest.mark.requirement("PULL-NFR-10")
def test_the_consumers_endpoints_answer_the_premises_over_https_and_nobody_else(connected: "Deployed") -> None:
    rules = [
        rule.inputs
        for rule in connected.all("vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        if rule.inputs["securityGroupId"] == "baler-prod-on-premises-1a2b3c4"
    ]
    assert [rule["cidrIpv4"] for rule in rules] == PREMISES["baler:onPremisesCidrs"]
    assert {(rule["ipProtocol"], rule["fromPort"], rule["toPort"]) for rule in rules} == {("tcp", 443, 443)}
    for rule in connected.all("vpc/securityGroupEgressRule:SecurityGroupEgressRule"):
        assert rule.inputs["securityGroupId"] == "baler-prod-function-access-1a2b3c4"


def test_the_consumers_endpoint_does_not_take_s3s_name_from_the_gateway(connected: "Deployed") -> None:
    assert connected.one("ec2/vpcEndpoint:VpcEndpoint", "files-on-premises-s3").inputs["privateDnsEnabled"] is False


@pytest.mark.requirement("PULL-NFR-10")
def test_the_consumer_is_told_where_its_endpoints_are(connected: "Deployed", prod: "Deployed") -> None:
    s3, sts = "baler-prod-files-on-premises-s3-1a2b3c4", "baler-prod-files-on-premises-sts-1a2b3c4"
    assert connected.exports["filesConsumerS3Url"] == f"https://bucket.{s3}.s3.eu-west-2.vpce.amazonaws.com"
    assert connected.exports["filesConsumerStsUrl"] == f"https://{sts}.sts.eu-west-2.vpce.amazonaws.com"
    assert not [r for r in prod.all("ec2/vpcEndpoint:VpcEndpoint") if "on-premises" in r.name]
