"""The role that a function runs as, and the log that it writes."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.blocks.function_platform import FunctionPlatform
from components.blocks.policy_document import Statement, policy_document


class FunctionRole(pulumi.ComponentResource):
    """A log group, and a role for Lambda alone with one policy: what it is granted, and that log.

    It is there before its function, so that others can name it in their policies, and so that the log ends: a group
    that Lambda makes itself keeps its log for ever.
    """

    def __init__(
        self,
        name: str,
        grants: Sequence[Statement],
        *,
        description: str,
        platform: FunctionPlatform,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("baler:function_role:FunctionRole", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        log_group = aws.cloudwatch.LogGroup(
            name, name=f"/aws/lambda/{name}", retention_in_days=platform.log_retention_days, opts=child
        )
        role = aws.iam.Role(
            name,
            description=description,
            assume_role_policy=policy_document(
                [
                    {
                        "Sid": "TrustLambda",
                        "Effect": "Allow",
                        "Principal": {"Service": "lambda.amazonaws.com"},
                        "Action": ["sts:AssumeRole"],
                    }
                ]
            ),
            opts=child,
        )
        self.policy = aws.iam.RolePolicy(
            name,
            role=role.name,
            policy=policy_document([*grants, *platform.connect, _write_log(log_group.arn)]),
            opts=child,
        )
        self.name: pulumi.Output[str] = role.name
        self.arn: pulumi.Output[str] = role.arn
        self.log_group: pulumi.Output[str] = log_group.name
        self.register_outputs({"arn": self.arn, "log_group": self.log_group})


def _write_log(log_group_arn: pulumi.Input[str]) -> Statement:
    return {
        "Sid": "WriteLog",
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        # The streams of this one group: that is how their ARNs are written.
        "Resource": [pulumi.Output.concat(log_group_arn, ":*")],
    }


def grant_trace() -> list[Statement]:
    """Send traces."""
    return [
        {
            "Sid": "Trace",
            "Effect": "Allow",
            "Action": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
            # X-Ray has no resources to name for these two (AWS service authorization reference).
            "Resource": ["*"],
        }
    ]
