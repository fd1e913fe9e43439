"""How a new version of the function takes over."""

from typing import TYPE_CHECKING

import pytest
from harness.recorded_program import record_program

from components.watch.rollout import RolloutArgs, ShiftedAlias

if TYPE_CHECKING:
    from conftest import Deploy
    from harness.recorded_program import Deployed

FUNCTION = "arn:aws:lambda:eu-west-2:111122223333:function:baler-prod-files-aggregator"
GROUP = "arn:aws:codedeploy:eu-west-2:111122223333:deploymentgroup"
SHIFTED_BY_CODEDEPLOY = ("functionVersion", "routingConfig")


@pytest.mark.requirement("PUSH-PLAN-04")
@pytest.mark.parametrize("stack", ["staging", "prod"])
def test_a_canary_gets_a_tenth_and_is_taken_back_by_alarms_failures_and_people(stack: str) -> None:
    deployed = record_program(stack)
    (application,) = deployed.all("codedeploy/application:Application")
    (group,) = deployed.all("codedeploy/deploymentGroup:DeploymentGroup")
    assert application.inputs == {"name": f"baler-{stack}-files-aggregator", "computePlatform": "Lambda"}
    assert group.inputs == {
        "appName": f"baler-{stack}-files-aggregator",
        "deploymentGroupName": "live",
        "serviceRoleArn": f"arn:aws:iam::111122223333:role/baler-{stack}-files-rollout-1a2b3c4",
        "deploymentConfigName": "CodeDeployDefault.LambdaCanary10Percent15Minutes",
        "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        "alarmConfiguration": {
            "enabled": True,
            "alarms": [
                f"baler-{stack}-files-{name}"
                for name in (
                    *("queue-age", "dead-letters", "stuck", "poison-flood", "function-errors", "function-slow"),
                    *("latency-p95", "latency-p99.9"),
                )
            ],
            "ignorePollAlarmFailure": False,
        },
        "autoRollbackConfiguration": {
            "enabled": True,
            "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
        },
    }


def test_the_alarms_that_take_a_version_back_are_there(prod: "Deployed") -> None:
    (group,) = prod.all("codedeploy/deploymentGroup:DeploymentGroup")
    there = {alarm.name for alarm in prod.all("cloudwatch/metricAlarm:MetricAlarm")}
    assert set(group.inputs["alarmConfiguration"]["alarms"]) <= there


def test_pulumi_makes_the_alias_and_leaves_it_to_codedeploy(prod: "Deployed") -> None:
    alias = prod.one("lambda/alias:Alias", "files-aggregator")
    assert alias.inputs["functionVersion"] == "7"
    assert alias.ignored == SHIFTED_BY_CODEDEPLOY


@pytest.mark.parametrize("stack", ["local", "dev"])
def test_at_once_pulumi_moves_the_alias_and_there_is_no_codedeploy(stack: str) -> None:
    deployed = record_program(stack)
    assert deployed.one("lambda/alias:Alias", "files-aggregator").ignored == ()
    assert [each.name for each in deployed.resources if each.type.startswith("aws:codedeploy/")] == []
    assert not [role for role in deployed.all("iam/role:Role") if role.name.endswith("-rollout")]


def test_every_stack_can_be_rolled_out_either_way(deploy: "Deploy") -> None:
    at_once = deploy("prod", settings={"baler:rollout": "at-once"})
    assert not at_once.all("codedeploy/deploymentGroup:DeploymentGroup")
    assert deploy("dev", settings={"baler:rollout": "canary"}).all("codedeploy/deploymentGroup:DeploymentGroup")


def test_codedeploy_may_shift_the_alias_look_at_alarms_and_no_more(prod: "Deployed") -> None:
    statements = prod.one("iam/rolePolicy:RolePolicy", "files-rollout").statements().values()
    assert {
        (action, resource)
        for statement in statements
        for action in statement["Action"]
        for resource in statement["Resource"]
    } == {
        ("lambda:GetAlias", FUNCTION),
        ("lambda:UpdateAlias", FUNCTION),
        ("lambda:GetProvisionedConcurrencyConfig", f"{FUNCTION}:*"),
        ("cloudwatch:DescribeAlarms", "arn:aws:cloudwatch:eu-west-2:111122223333:alarm:*"),
    }


def test_codedeploy_becomes_the_role_for_this_group_alone(prod: "Deployed") -> None:
    (trust,) = prod.one("iam/role:Role", "files-rollout").document("assumeRolePolicy")["Statement"]
    assert trust["Principal"] == {"Service": "codedeploy.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111122223333"},
        "ArnLike": {"aws:SourceArn": f"{GROUP}:baler-prod-files-aggregator/live"},
    }


def test_no_deployment_can_run_before_its_role_may_do_its_work(prod: "Deployed") -> None:
    (group,) = prod.all("codedeploy/deploymentGroup:DeploymentGroup")
    assert any(urn.endswith("aws:iam/rolePolicy:RolePolicy::baler-prod-files-rollout") for urn in group.depends_on)


def test_more_alarms_than_codedeploy_watches_are_refused_before_it_does() -> None:
    with pytest.raises(ValueError, match="at most 10 alarms, not 11"):
        RolloutArgs(
            shifted=ShiftedAlias(rollout="rollout", function="f", function_arn="arn", alias="live"),
            alarms=["a"] * 11,
            region="r",
            account="1",
        )
