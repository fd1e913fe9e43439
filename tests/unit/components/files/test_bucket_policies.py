"""What each bucket refuses, whatever an identity is granted elsewhere."""

from typing import TYPE_CHECKING, Any

import pytest
from harness.recorded_program import HTTP

if TYPE_CHECKING:
    from conftest import Deploy, Deployed

AGGREGATOR = "arn:aws:iam::111122223333:role/baler-prod-files-aggregator-1a2b3c4"
REGISTRAR = "arn:aws:iam::111122223333:role/baler-prod-files-registrar-1a2b3c4"
CONSUMER = "arn:aws:iam::111122223333:role/baler-prod-files-consumer-1a2b3c4"
EXTERNAL = "arn:aws:iam::111122223333:role/baler-prod-files-external-party-1a2b3c4"
COURIER = "arn:aws:iam::111122223333:role/baler-prod-files-courier-1a2b3c4"
OPERATOR = "arn:aws:iam::111122223333:role/on-call"
NETWORKS = ["203.0.113.0/24", "2001:db8::/48"]
PUT = ["s3:PutObject*", "s3:ReplicateObject"]
READ = ["s3:GetObject*"]
DELETE = ["s3:DeleteObject*", "s3:ReplicateDelete"]
BUCKETS = ["landing", "archive", "distribution"]


@pytest.fixture
def operated(deploy: "Deploy") -> "Deployed":
    return deploy("prod", settings={"baler:operatorPrincipalArns": [OPERATOR]})


def arn(part: str) -> str:
    return f"arn:aws:s3:::baler-prod-files-{part}-1a2b3c4"


def policy(deployed: "Deployed", part: str) -> dict[str, dict[str, Any]]:
    return deployed.one("s3/bucketPolicy:BucketPolicy", f"files-{part}").statements()


@pytest.mark.requirement("PULL-NFR-06")
@pytest.mark.parametrize(
    ("part", "sid", "actions", "principals"),
    [
        ("landing", "DenyPutToOthers", PUT, [EXTERNAL, OPERATOR]),
        ("landing", "DenyReadToOthers", READ, [AGGREGATOR, OPERATOR]),
        ("landing", "DenyDeleteToOthers", DELETE, [OPERATOR]),
        ("archive", "DenyPutToOthers", PUT, [AGGREGATOR, REGISTRAR]),
        ("archive", "DenyReadToOthers", [*READ, "s3:RestoreObject"], [AGGREGATOR, REGISTRAR, OPERATOR]),
        ("distribution", "DenyPutToOthers", PUT, [AGGREGATOR, OPERATOR]),
        ("distribution", "DenyReadToOthers", READ, [CONSUMER, OPERATOR]),
        ("distribution", "DenyDeleteToOthers", DELETE, [CONSUMER, OPERATOR]),
    ],
)
def test_objects_are_for_those_who_work_with_them(
    operated: "Deployed", part: str, sid: str, actions: list[str], principals: list[str]
) -> None:
    assert policy(operated, part)[sid] == {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions,
        "Resource": [f"{arn(part)}/*"],
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": principals}},
    }


@pytest.mark.requirement("PULL-REQ-05", "PULL-NFR-06", "PUSH-INT-03")
def test_nobody_deletes_from_the_archive_not_the_operators_either(operated: "Deployed") -> None:
    assert policy(operated, "archive")["DenyDelete"] == {
        "Sid": "DenyDelete",
        "Effect": "Deny",
        "Principal": "*",
        "Action": DELETE,
        "Resource": [f"{arn('archive')}/*"],
    }


@pytest.mark.requirement("PULL-REQ-05", "PULL-NFR-09")
def test_nothing_in_the_archive_is_overwritten(operated: "Deployed") -> None:
    assert policy(operated, "archive")["DenyOverwriting"] == {
        "Sid": "DenyOverwriting",
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:PutObject"],
        "Resource": [f"{arn('archive')}/*"],
        "Condition": {"Null": {"s3:if-none-match": "true"}, "Bool": {"s3:ObjectCreationOperation": "true"}},
    }


def test_without_operators_nobody_deletes_raw_files(prod: "Deployed") -> None:
    assert "Condition" not in policy(prod, "landing")["DenyDeleteToOthers"]


@pytest.mark.parametrize("part", BUCKETS)
def test_nobody_is_locked_out_of_configuring_a_bucket(operated: "Deployed", part: str) -> None:
    own = {"DenyInsecureTransport", "DenyOldTls"}
    for sid, statement in policy(operated, part).items():
        named = statement.get("Condition", {}).get("ArnEquals")
        if sid not in own and not named:
            assert all("Object" in action or action == "s3:ReplicateDelete" for action in statement["Action"])
            assert all(resource.startswith(f"{arn(part)}/") for resource in statement["Resource"])


@pytest.mark.parametrize("part", BUCKETS)
def test_a_bucket_allows_nothing_that_an_identity_is_not_granted(operated: "Deployed", part: str) -> None:
    assert {statement["Effect"] for statement in policy(operated, part).values()} == {"Deny"}


@pytest.mark.requirement("PULL-REQ-01", "PULL-NFR-06", "PUSH-INT-03")
def test_the_landing_bucket_refuses_the_external_party_all_but_its_uploads(deploy: "Deploy", prod: "Deployed") -> None:
    refusals = policy(deploy("prod", settings={"baler:filesExternalPartyPrefix": "meters/"}), "landing")
    is_external = {"aws:PrincipalArn": EXTERNAL}
    everything = [arn("landing"), f"{arn('landing')}/*"]
    common = {"Effect": "Deny", "Principal": "*"}
    assert refusals["DenyAllButPutToTheExternalParty"] == {
        "Sid": "DenyAllButPutToTheExternalParty",
        **common,
        "NotAction": ["s3:PutObject"],
        "Resource": everything,
        "Condition": {"ArnEquals": is_external},
    }
    assert refusals["DenyPutElsewhereToTheExternalParty"] == {
        "Sid": "DenyPutElsewhereToTheExternalParty",
        **common,
        "Action": ["s3:PutObject"],
        "NotResource": [f"{arn('landing')}/meters/*"],
        "Condition": {"ArnEquals": is_external},
    }
    assert "DenyPutElsewhereToTheExternalParty" not in policy(prod, "landing")
    assert refusals["DenyOtherNetworksToTheExternalParty"] == {
        "Sid": "DenyOtherNetworksToTheExternalParty",
        **common,
        "Action": ["s3:PutObject"],
        "Resource": [f"{arn('landing')}/*"],
        "Condition": {"ArnEquals": is_external, "NotIpAddress": {"aws:SourceIp": NETWORKS}},
    }


@pytest.mark.requirement("PULL-REQ-04", "PULL-NFR-06")
def test_the_mailbox_refuses_the_consumer_all_but_collecting(prod: "Deployed") -> None:
    assert policy(prod, "distribution")["DenyAllButCollectToTheConsumer"] == {
        "Sid": "DenyAllButCollectToTheConsumer",
        "Effect": "Deny",
        "Principal": "*",
        "NotAction": ["s3:GetObject", "s3:DeleteObject", "s3:ListBucket"],
        "Resource": [arn("distribution"), f"{arn('distribution')}/*"],
        "Condition": {"ArnEquals": {"aws:PrincipalArn": CONSUMER}},
    }


@pytest.mark.requirement("PULL-NFR-06", "PULL-NFR-10")
def test_the_consumer_comes_through_its_endpoint_if_there_is_one(deploy: "Deploy", prod: "Deployed") -> None:
    connected = deploy("prod", settings={"baler:onPremisesCidrs": ["192.168.0.0/16"]})
    elsewhere = {"StringNotEquals": {"aws:SourceVpce": "baler-prod-files-on-premises-s3-1a2b3c4"}}
    assert policy(connected, "distribution")["DenyOtherWaysToTheConsumer"] == {
        "Sid": "DenyOtherWaysToTheConsumer",
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:*"],
        "Resource": [arn("distribution"), f"{arn('distribution')}/*"],
        "Condition": {"ArnEquals": {"aws:PrincipalArn": CONSUMER}, **elsewhere},
    }
    assert connected.one("iam/rolePolicy:RolePolicy", "files-consumer").statements()["DenyOtherWays"] == {
        "Sid": "DenyOtherWays",
        "Effect": "Deny",
        "Action": ["s3:GetObject", "s3:DeleteObject", "s3:ListBucket"],
        "Resource": [arn("distribution"), f"{arn('distribution')}/bundles/*"],
        "Condition": elsewhere,
    }
    assert "DenyOtherWaysToTheConsumer" not in policy(prod, "distribution")
    assert "DenyOtherWays" not in prod.one("iam/rolePolicy:RolePolicy", "files-consumer").statements()


def test_a_mailbox_that_a_courier_empties_is_for_it_the_aggregator_and_the_operators(deploy: "Deploy") -> None:
    pushed = deploy("prod", settings={**HTTP, "baler:operatorPrincipalArns": [OPERATOR]})
    refusals = policy(pushed, "distribution")
    bucket, objects, aside = arn("distribution"), f"{arn('distribution')}/*", f"{arn('distribution')}/quarantine/*"
    common = {"Effect": "Deny", "Principal": "*"}
    del refusals["DenyInsecureTransport"], refusals["DenyOldTls"]
    assert refusals == {
        "DenyOtherNetworksToTheFunction": {
            "Sid": "DenyOtherNetworksToTheFunction",
            **common,
            "Action": ["s3:*"],
            "Resource": [bucket, objects],
            "Condition": {
                "ArnEquals": {"aws:PrincipalArn": [AGGREGATOR, COURIER]},
                "StringNotEquals": {"aws:SourceVpc": ["baler-prod-network-1a2b3c4"]},
            },
        },
        "DenyPutToOthers": {
            "Sid": "DenyPutToOthers",
            **common,
            "Action": PUT,
            "NotResource": [aside],
            "Condition": {"ArnNotEquals": {"aws:PrincipalArn": [AGGREGATOR, OPERATOR]}},
        },
        "DenySettingAsideToOthers": {
            "Sid": "DenySettingAsideToOthers",
            **common,
            "Action": PUT,
            "Resource": [aside],
            "Condition": {"ArnNotEquals": {"aws:PrincipalArn": [COURIER, OPERATOR]}},
        },
        "DenyReadToOthers": {
            "Sid": "DenyReadToOthers",
            **common,
            "Action": READ,
            "Resource": [objects],
            "Condition": {"ArnNotEquals": {"aws:PrincipalArn": [COURIER, OPERATOR]}},
        },
        "DenyDeleteToOthers": {
            "Sid": "DenyDeleteToOthers",
            **common,
            "Action": DELETE,
            "Resource": [objects],
            "Condition": {"ArnNotEquals": {"aws:PrincipalArn": [COURIER, OPERATOR]}},
        },
        "DenyAllButItsWorkToTheCourier": {
            "Sid": "DenyAllButItsWorkToTheCourier",
            **common,
            "NotAction": ["s3:GetObject", "s3:DeleteObject", "s3:ListBucket", "s3:PutObject"],
            "Resource": [bucket, objects],
            "Condition": {"ArnEquals": {"aws:PrincipalArn": COURIER}},
        },
        "DenyWhatIsAsideToTheCourier": {
            "Sid": "DenyWhatIsAsideToTheCourier",
            **common,
            "Action": ["s3:GetObject", "s3:DeleteObject"],
            "Resource": [aside],
            "Condition": {"ArnEquals": {"aws:PrincipalArn": COURIER}},
        },
    }


@pytest.mark.parametrize("part", ["landing", "archive"])
def test_the_other_buckets_are_closed_to_the_courier_as_to_everybody(
    deploy: "Deploy", prod: "Deployed", part: str
) -> None:
    assert policy(deploy("prod", settings=HTTP), part) == policy(prod, part)
