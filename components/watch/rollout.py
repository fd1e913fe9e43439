"""How a version is rolled out gradually: CodeDeploy shifts a function's alias, and back when an alarm fires."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.policy_document import Condition, Statement, policy_document

# A tenth of the invocations for 15 minutes, then all. With 27 invocations a minute, a version that always crashes
# raises an alarm on errors within 3 minutes in 99 of 100 cases; alarms on periods of 5 minutes take 10.
CANARY: Final = "CodeDeployDefault.LambdaCanary10Percent15Minutes"

# More than these CodeDeploy does not take (CodeDeploy quotas).
_MOST_ALARMS: Final = 10


@dataclass(frozen=True, kw_only=True)
class ShiftedAlias:
    """An alias that a deployment moves from one version of a function to the next."""

    rollout: str
    """What its rollout is called in the pipeline: "rollout" is called `baler-<stack>-<pipeline>-rollout`."""

    function: pulumi.Input[str]
    """The function's name."""

    function_arn: pulumi.Input[str]
    alias: str
    alarms: Sequence[str] = ()
    """The alarms of the pipeline, by their names in it, that take a version back."""


@dataclass(frozen=True, kw_only=True)
class RolloutArgs:
    """What is shifted, and what takes it back."""

    shifted: ShiftedAlias
    alarms: Sequence[pulumi.Input[str]]
    """The names of the alarms that take a version back. A deployment does not start while one of them is on."""

    region: pulumi.Input[str]
    account: pulumi.Input[str]

    def __post_init__(self) -> None:
        """Refuse what CodeDeploy would refuse in the middle of a deployment.

        Raises:
            ValueError: more alarms than a deployment group watches.
        """
        if len(self.alarms) > _MOST_ALARMS:
            raise ValueError(f"CodeDeploy watches at most {_MOST_ALARMS} alarms, not {len(self.alarms)}")


class Rollout(pulumi.ComponentResource):
    """A CodeDeploy application called like the function, and a group in it called like the alias.

    Whoever knows the function thus finds both. `baler deploy` starts the deployments: Pulumi has no resource for one.
    """

    def __init__(self, name: str, args: RolloutArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:rollout:Rollout", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            name,
            description="Assumed by CodeDeploy to shift the function's alias.",
            assume_role_policy=policy_document(
                [
                    {
                        "Sid": "TrustCodeDeploy",
                        "Effect": "Allow",
                        "Principal": {"Service": "codedeploy.amazonaws.com"},
                        "Action": ["sts:AssumeRole"],
                        "Condition": _for_this_group(args),
                    }
                ]
            ),
            opts=child,
        )
        policy = aws.iam.RolePolicy(name, role=role.name, policy=policy_document(_shift(args)), opts=child)
        application = aws.codedeploy.Application(
            name, name=args.shifted.function, compute_platform="Lambda", opts=child
        )
        aws.codedeploy.DeploymentGroup(
            name,
            app_name=application.name,
            deployment_group_name=args.shifted.alias,
            service_role_arn=role.arn,
            deployment_config_name=CANARY,
            deployment_style=aws.codedeploy.DeploymentGroupDeploymentStyleArgs(
                deployment_type="BLUE_GREEN", deployment_option="WITH_TRAFFIC_CONTROL"
            ),
            alarm_configuration=aws.codedeploy.DeploymentGroupAlarmConfigurationArgs(
                enabled=True,
                alarms=list(args.alarms),
                # A version that nobody watches over is not shifted.
                ignore_poll_alarm_failure=False,
            ),
            auto_rollback_configuration=aws.codedeploy.DeploymentGroupAutoRollbackConfigurationArgs(
                enabled=True,
                events=["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
            ),
            # A group without its role's policy could be told to deploy, and would fail.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.register_outputs({})


def _for_this_group(args: RolloutArgs) -> Condition:
    """CodeDeploy user guide, "Cross-service confused deputy prevention"."""
    group = pulumi.Output.concat(
        "arn:aws:codedeploy:",
        args.region,
        ":",
        args.account,
        ":deploymentgroup:",
        args.shifted.function,
        "/",
        args.shifted.alias,
    )
    return {"StringEquals": {"aws:SourceAccount": args.account}, "ArnLike": {"aws:SourceArn": group}}


def _shift(args: RolloutArgs) -> list[Statement]:
    """Return what AWSCodeDeployRoleForLambdaLimited is for here: there are no hooks, notifications and files in S3."""
    alarms = pulumi.Output.concat("arn:aws:cloudwatch:", args.region, ":", args.account, ":alarm:*")
    return [
        {
            "Sid": "ShiftAlias",
            "Effect": "Allow",
            "Action": ["lambda:GetAlias", "lambda:UpdateAlias"],
            # Lambda knows these two by the function, not by the alias (Lambda developer guide, "Fine-tuning the
            # Resources and Conditions sections of policies").
            "Resource": [args.shifted.function_arn],
        },
        {
            "Sid": "SeeProvisionedConcurrency",
            "Effect": "Allow",
            "Action": ["lambda:GetProvisionedConcurrencyConfig"],
            # Of the alias and of versions, which have numbers.
            "Resource": [pulumi.Output.concat(args.shifted.function_arn, ":*")],
        },
        {
            "Sid": "SeeAlarms",
            "Effect": "Allow",
            "Action": ["cloudwatch:DescribeAlarms"],
            # CloudWatch asks for the right to all of the region, also where a request names them.
            "Resource": [alarms],
        },
    ]
