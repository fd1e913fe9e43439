"""The table in which consumers that stand by for one another keep their lease."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Deploy


def test_without_standby_there_is_no_table_and_no_right_to_one(deploy: Deploy) -> None:
    prod = deploy("prod")
    assert "filesConsumerLeaseTable" not in prod.exports
    policy = prod.one("iam/rolePolicy:RolePolicy", "files-consumer").inputs["policy"]
    assert "dynamodb" not in policy


def test_with_standby_the_consumer_reaches_its_lease_through_an_endpoint_of_its_own(deploy: Deploy) -> None:
    settings = {"baler:filesConsumerStandby": True, "baler:onPremisesCidrs": ["10.20.0.0/16"]}
    prod = deploy("prod", settings=settings)
    table = prod.one("dynamodb/table:Table", "files-consumer-lease")
    endpoint = prod.one("ec2/vpcEndpoint:VpcEndpoint", "files-on-premises-dynamodb")
    assert table.inputs["deletionProtectionEnabled"] is True
    assert table.protected is True
    assert prod.exports["filesConsumerLeaseTable"] == table.outputs["name"]
    assert prod.exports["filesConsumerDynamodbUrl"].startswith("https://")
    assert endpoint.inputs["serviceName"].endswith(".dynamodb")
    assert endpoint.inputs["vpcEndpointType"] == "Interface"
    assert table.outputs["arn"] in endpoint.inputs["policy"]
    statements = json.loads(prod.one("iam/rolePolicy:RolePolicy", "files-consumer").inputs["policy"])["Statement"]
    [allowed] = [each for each in statements if each["Sid"] == "HoldLease"]
    assert allowed["Action"] == ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
    assert allowed["Resource"] == [table.outputs["arn"]]
