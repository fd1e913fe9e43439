"""Flow logs: who talked to whom in the network, and what was refused."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.blocks.policy_document import Statement, policy_document


@dataclass(frozen=True, kw_only=True)
class FlowLogsArgs:
    """What is logged, and for how long."""

    vpc_id: pulumi.Input[str]
    region: pulumi.Input[str]
    account: pulumi.Input[str]
    retention_days: int


class FlowLogs(pulumi.ComponentResource):
    """A log of all traffic of a VPC, accepted or not, written by a role that can do nothing else."""

    def __init__(self, name: str, args: FlowLogsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:flow_logs:FlowLogs", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        group = aws.cloudwatch.LogGroup(
            name, name=f"/aws/vpc/{name}", retention_in_days=args.retention_days, opts=child
        )
        role = aws.iam.Role(
            name,
            description="Assumed by VPC flow logs, to write the log of the network.",
            assume_role_policy=policy_document([_trust(args)]),
            opts=child,
        )
        policy = aws.iam.RolePolicy(name, role=role.name, policy=policy_document(_write(group.arn)), opts=child)
        aws.ec2.FlowLog(
            name,
            vpc_id=args.vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            tags={"Name": name},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.register_outputs({"log_group": group.name})


def _trust(args: FlowLogsArgs) -> Statement:
    return {
        "Sid": "TrustFlowLogs",
        "Effect": "Allow",
        "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
        "Action": ["sts:AssumeRole"],
        # Against the confused deputy, as the VPC user guide has it ("Publish flow logs to CloudWatch Logs").
        "Condition": {
            "StringEquals": {"aws:SourceAccount": args.account},
            "ArnLike": {
                "aws:SourceArn": pulumi.Output.concat("arn:aws:ec2:", args.region, ":", args.account, ":vpc-flow-log/*")
            },
        },
    }


def _write(log_group_arn: pulumi.Input[str]) -> list[Statement]:
    """Return what the VPC user guide says is the least ("IAM role for publishing flow logs to CloudWatch Logs").

    Without logs:CreateLogGroup, since the group is there.
    """
    return [
        {
            "Sid": "WriteFlowLog",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
            # The group and its streams: that is how their ARNs are written.
            "Resource": [pulumi.Output.concat(log_group_arn, ":*")],
        },
        {
            "Sid": "LookAtLogGroups",
            "Effect": "Allow",
            "Action": ["logs:DescribeLogGroups"],
            # The action has no resources to name (AWS service authorization reference): it shows the names of groups.
            "Resource": ["*"],
        },
    ]
