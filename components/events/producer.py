"""The role that producers assume to send events."""

import pulumi
import pulumi_aws as aws

from components.blocks.policy_document import policy_document
from components.events.event_stream import EventStream


class Producer(pulumi.ComponentResource):
    """A role that can put records into the stream, and do nothing else: it can read none, its own neither."""

    def __init__(
        self,
        name: str,
        *,
        stream: EventStream,
        principal_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare it.

        Args:
            name: logical name.
            stream: where records go.
            principal_arn: the role, user or account root that may assume it.
            opts: options of the component.
        """
        super().__init__("baler:producer:Producer", name, None, opts)
        role = aws.iam.Role(
            name,
            description="Assumed by producers, to put records into the event stream.",
            assume_role_policy=policy_document(
                [
                    {
                        "Sid": "TrustTheProducer",
                        "Effect": "Allow",
                        "Principal": {"AWS": principal_arn},
                        "Action": ["sts:AssumeRole"],
                    }
                ]
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.iam.RolePolicy(
            name,
            role=role.name,
            policy=policy_document(stream.grant_put()),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.role_arn: pulumi.Output[str] = role.arn
        self.register_outputs({"role_arn": self.role_arn})
