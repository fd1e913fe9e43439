"""The role that a function runs as."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.blocks.policy_document import Statement, policy_document


class FunctionRole(pulumi.ComponentResource):
    """A role for Lambda alone, with one policy: what the pipeline grants it, and its own log."""

    def __init__(
        self,
        name: str,
        grants: Sequence[Statement],
        *,
        description: str,
        log_group_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("baler:function_role:FunctionRole", name, None, opts)
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
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.policy = aws.iam.RolePolicy(
            name,
            role=role.name,
            policy=policy_document([*grants, _write_log(log_group_arn)]),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.name: pulumi.Output[str] = role.name
        self.arn: pulumi.Output[str] = role.arn
        self.register_outputs({"arn": self.arn})


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
