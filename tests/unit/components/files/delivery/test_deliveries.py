"""A stack has what its delivery needs, and nothing of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from harness.recorded_program import HTTP, S3

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conftest import Deploy, Deployed

LINE = {key: value for key, value in HTTP.items() if "files" not in key}
PULL = {**LINE, "baler:filesConsumerStandby": True}
PUSHED = pytest.mark.parametrize("settings", [HTTP, S3], ids=["http", "s3"])


def declared(deployed: Deployed) -> set[tuple[str, str]]:
    return {(each.type, each.name) for each in deployed.resources}


def of_the_stack(found: Iterable[tuple[str, str]]) -> set[str]:
    return {name.removeprefix("baler-prod-") for _, name in found}


@pytest.mark.requirement("PUSH-ARCH-02")
@PUSHED
def test_where_bundles_are_pushed_nothing_of_the_consumer_is_declared(deploy: Deploy, settings: dict[str, Any]) -> None:
    pulled, pushed = deploy("prod", settings=PULL), deploy("prod", settings=settings)
    assert of_the_stack(declared(pulled) - declared(pushed)) == {
        "files-consumer",
        "files-consumer-lease",
        "files-on-premises-s3",
        "files-on-premises-sts",
        "files-on-premises-dynamodb",
        # The group of those endpoints, and who reaches them. The line stays.
        "on-premises",
        "on-premises-10.20.0.0/16",
    }
    assert not [each.name for each in pushed.resources if "consumer" in each.name or "consumer" in each.type.lower()]
    assert not [output for output in pushed.exports if "onsumer" in output]
    assert not [each.name for each in pushed.resources if "onsumer" in str(each.inputs.get("policy", ""))]


@PUSHED
def test_where_a_consumer_comes_nothing_of_the_courier_is_declared(deploy: Deploy, settings: dict[str, Any]) -> None:
    pulled, pushed = deploy("prod", settings=PULL), deploy("prod", settings=settings)
    alarms = {name for kind, name in declared(pushed) if kind == "aws:cloudwatch/metricAlarm:MetricAlarm"}
    only = {(kind, name) for kind, name in declared(pushed) - declared(pulled) if name not in alarms}
    assert of_the_stack(only) == {
        "files-courier",
        "files-courier-dynamodb",
        "files-courier-endpoints",
        "files-courier-receiver",
        "files-courier-rollout",
        "files-courier-s3",
        "files-distribution",
        "files-receiver",
        "function-access-secretsmanager",
    }
    assert not [each.name for each in pulled.resources if "courier" in each.name or "secretsmanager" in each.type]


def test_http_and_s3_declare_the_same(deploy: Deploy) -> None:
    assert declared(deploy("prod", settings=HTTP)) == declared(deploy("prod", settings=S3))


@PUSHED
@pytest.mark.parametrize("stack", ["local", "dev", "staging", "prod"])
def test_every_stack_can_push_and_a_preview_knows_it(deploy: Deploy, stack: str, settings: dict[str, Any]) -> None:
    network = stack in ("staging", "prod")
    wanted = {key: value for key, value in settings.items() if network or "files" in key}
    previewed, deployed = (deploy(stack, preview=preview, settings=wanted) for preview in (True, False))
    assert declared(previewed) == declared(deployed)
    assert set(previewed.exports) == set(deployed.exports)
    assert bool(deployed.all("ec2/route:Route")) is network


@pytest.mark.requirement("PUSH-NFR-06")
@PUSHED
def test_where_data_is_protected_so_is_what_the_courier_holds(deploy: Deploy, settings: dict[str, Any]) -> None:
    deployed = deploy("prod", settings=settings)
    protected = {(r.type.rpartition(":")[2], r.name) for r in deployed.resources if r.protected}
    for kind, part in (
        ("Table", "files-courier"),
        ("Secret", "files-receiver"),
        ("SecretPolicy", "files-receiver"),
        ("BucketNotification", "files-distribution"),
    ):
        assert (kind, f"baler-prod-{part}") in protected
    # Pulumi would refuse to take them away with the courier.
    assert not [r.urn for r in deployed.resources if r.protected and r.type.startswith(("aws:lambda/", "aws:ec2/"))]


@pytest.mark.requirement("PUSH-SEC-02")
@pytest.mark.parametrize("settings", [{}, HTTP], ids=["pull", "http"])
def test_tables_are_encrypted_with_the_key_that_the_stack_names(deploy: Deploy, settings: dict[str, Any]) -> None:
    for key, encryption in (("aws-owned", None), ("aws-managed", {"enabled": True})):
        tables = deploy("prod", settings={**settings, "baler:tableKey": key}).all("dynamodb/table:Table")
        assert tables
        assert {str(table.inputs.get("serverSideEncryption")) for table in tables} == {str(encryption)}
