"""How a new version of the function takes over."""

from typing import TYPE_CHECKING

import pytest
from harness.recorded_program import HTTP, record_program

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


def test_the_courier_is_a_canary_too_and_each_is_taken_back_by_alarms_of_its_own(deploy: "Deploy") -> None:
    pushed = deploy("prod", settings=HTTP)
    declared = pushed.all("codedeploy/deploymentGroup:DeploymentGroup")
    groups = {group.inputs["appName"]: group.inputs for group in declared}
    assert set(groups) == {"baler-prod-files-aggregator", "baler-prod-files-courier"}
    courier, aggregator = groups["baler-prod-files-courier"], groups["baler-prod-files-aggregator"]
    assert courier["deploymentGroupName"] == "live"
    assert courier["deploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent15Minutes"
    assert courier["serviceRoleArn"].endswith("role/baler-prod-files-courier-rollout-1a2b3c4")
    of_courier, of_aggregator = (set(group["alarmConfiguration"]["alarms"]) for group in (courier, aggregator))
    there = {alarm.name for alarm in pushed.all("cloudwatch/metricAlarm:MetricAlarm")}
    assert "baler-prod-files-courier-errors" in of_courier <= there
    assert "baler-prod-files-function-errors" in of_aggregator <= there
    assert not of_courier & of_aggregator
    assert pushed.one("lambda/alias:Alias", "files-courier").ignored == SHIFTED_BY_CODEDEPLOY


def test_what_is_the_receivers_doing_takes_back_no_version_of_the_courier(deploy: "Deploy") -> None:
    groups = deploy("prod", settings=HTTP).all("codedeploy/deploymentGroup:DeploymentGroup")
    taking_back = {alarm for group in groups for alarm in group.inputs["alarmConfiguration"]["alarms"]}
    assert not [name for name in taking_back if "receiver" in name or "credentials" in name or "refused" in name]


def test_a_rollout_of_the_courier_may_shift_the_courier_alone(deploy: "Deploy") -> None:
    pushed = deploy("prod", settings=HTTP)
    courier = "arn:aws:lambda:eu-west-2:111122223333:function:baler-prod-files-courier"
    role = pushed.one("iam/rolePolicy:RolePolicy", "files-courier-rollout").statements()
    assert role["ShiftAlias"]["Resource"] == [courier]
    (trust,) = pushed.one("iam/role:Role", "files-courier-rollout").document("assumeRolePolicy")["Statement"]
    assert trust["Condition"]["ArnLike"] == {"aws:SourceArn": f"{GROUP}:baler-prod-files-courier/live"}


def test_at_once_the_courier_has_no_codedeploy_either(deploy: "Deploy") -> None:
    pushed = deploy("prod", settings={**HTTP, "baler:rollout": "at-once"})
    assert not [each.name for each in pushed.resources if each.type.startswith("aws:codedeploy/")]
    assert pushed.one("lambda/alias:Alias", "files-courier").ignored == ()
