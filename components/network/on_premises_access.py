"""How the consumer comes in from the premises: over private addresses, to the mailbox alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.blocks.policy_document import Statement
from components.network.endpoints import HTTPS, Door, Place, interface_endpoint, let_through


@dataclass(frozen=True, kw_only=True)
class OnPremisesAccessArgs:
    """Who may come, and what for."""

    place: Place
    cidrs: tuple[str, ...]
    """The networks on the premises from which the endpoints are reached."""

    mailbox: Sequence[Statement]
    """What passes through the endpoint of S3."""


class OnPremisesAccess(pulumi.ComponentResource):
    """Interface endpoints of S3, through which only the mailbox is reached, and of STS, where the consumer signs in.

    And of DynamoDB where consumers stand by for one another, through which only their lease is reached.

    They have no name of their own in the network, where S3's leads the function to its gateway; whoever uses them names
    them by URL. Those names resolve everywhere, to addresses that are reached from the premises alone.
    """

    def __init__(self, name: str, args: OnPremisesAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:on_premises_access:OnPremisesAccess", name, None, opts)
        self._name = name
        self._place = args.place
        self._child = pulumi.ResourceOptions(parent=self)
        self._group = aws.ec2.SecurityGroup(
            name,
            description="Endpoints of the consumer: in from the premises, nothing out.",
            vpc_id=args.place.network.vpc_id,
            tags={"Name": name},
            opts=self._child,
        )
        for cidr in args.cidrs:
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-{cidr}",
                security_group_id=self._group.id,
                description="From the premises",
                cidr_ipv4=cidr,
                ip_protocol="tcp",
                from_port=HTTPS,
                to_port=HTTPS,
                opts=self._child,
            )
        mailbox = self._endpoint("s3", let_through(args.mailbox, args.place.account))
        self.mailbox_endpoint_id: pulumi.Output[str] = mailbox.id
        self.mailbox_url = _url(mailbox)
        self.register_outputs({"mailbox_endpoint_id": self.mailbox_endpoint_id, "mailbox_url": self.mailbox_url})

    def let_hold_lease(self, grants: Sequence[Statement]) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
        """Make the endpoint of DynamoDB through which the consumers' lease is held; return its id and its URL.

        DynamoDB has interface endpoints beside the gateway endpoint that the function uses, which is not reached from
        outside the network (AWS PrivateLink for DynamoDB, docs.aws.amazon.com/amazondynamodb/latest/developerguide/
        privatelink-interface-endpoints.html).
        """
        endpoint = self._endpoint("dynamodb", let_through(grants, self._place.account))
        return endpoint.id, _url(endpoint)

    def let_sign_in(self, role_arn: pulumi.Input[str], *, account: pulumi.Input[str]) -> pulumi.Output[str]:
        """Make the endpoint at which callers of an account can assume this role, and no other, and return its URL.

        Without it the consumer would need the internet for its credentials.
        """
        assume: Statement = {
            "Sid": "AssumeTheConsumersRole",
            "Effect": "Allow",
            "Action": ["sts:AssumeRole"],
            "Resource": [role_arn],
        }
        return _url(self._endpoint("sts", let_through([assume], account)))

    def _endpoint(self, service: str, policy: pulumi.Output[str]) -> aws.ec2.VpcEndpoint:
        return interface_endpoint(
            f"{self._name}-{service}",
            Door(place=self._place, service=service, policy=policy),
            group=self._group,
            private_dns=False,
            opts=self._child,
        )


def _url(endpoint: aws.ec2.VpcEndpoint) -> pulumi.Output[str]:
    # The first name is the one for all zones. S3's begins with a wildcard, for what is asked for: here a bucket.
    name = endpoint.dns_entries.apply(lambda entries: str(entries[0].dns_name).replace("*", "bucket", 1))
    return pulumi.Output.concat("https://", name)
