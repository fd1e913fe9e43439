"""How those on the premises come in: over private addresses, to the few services that the stack opens to them."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.blocks.policy_document import Statement
from components.network.endpoints import HTTPS, EndpointSpec, NetworkLocation, interface_endpoint, let_through


@dataclass(frozen=True, kw_only=True)
class OnPremisesAccessArgs:
    """Where they come in, and from where."""

    location: NetworkLocation
    cidrs: tuple[str, ...]
    """The networks on the premises from which the endpoints are reached."""


@dataclass(frozen=True)
class OnPremisesEndpoint:
    """A service's endpoint, as its policy's conditions and those on the premises know it."""

    id: pulumi.Output[str]
    url: pulumi.Output[str]
    """What they set as AWS_ENDPOINT_URL_<SERVICE>."""


class OnPremisesAccess(pulumi.ComponentResource):
    """A security group that the premises alone reach, and an interface endpoint in it for each thing that is opened.

    The endpoints have no name of their own in the network, where S3's leads functions to their gateway; whoever uses
    them names them by URL. Those names resolve everywhere, to addresses that are reached from the premises alone.
    DynamoDB has interface endpoints beside the gateway endpoint of functions, which is not reached from outside the
    network (AWS PrivateLink for DynamoDB, docs.aws.amazon.com/amazondynamodb/latest/developerguide/
    privatelink-interface-endpoints.html).
    """

    def __init__(self, name: str, args: OnPremisesAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:on_premises_access:OnPremisesAccess", name, None, opts)
        self._location = args.location
        self._child = pulumi.ResourceOptions(parent=self)
        self._group = aws.ec2.SecurityGroup(
            name,
            description="Endpoints for the premises: in from there, nothing out.",
            vpc_id=args.location.network.vpc_id,
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
        self.register_outputs({"security_group_id": self._group.id})

    def endpoint(
        self, name: str, service: str, grants: Sequence[Statement], *, account: pulumi.Input[str] | None = None
    ) -> OnPremisesEndpoint:
        """Declare an endpoint at which these grants may be used, and no others.

        Args:
            name: logical name: each pipeline has its own, so that none widens another's.
            service: as the names of endpoints have it.
            grants: what passes.
            account: the only account whose callers pass; None is the stack's own.
        """
        policy = let_through(grants, self._location.account if account is None else account)
        endpoint = interface_endpoint(
            name,
            EndpointSpec(location=self._location, service=service, policy=policy),
            group=self._group,
            private_dns=False,
            opts=self._child,
        )
        return OnPremisesEndpoint(endpoint.id, _url(endpoint))


def _url(endpoint: aws.ec2.VpcEndpoint) -> pulumi.Output[str]:
    # The first name is the one for all zones. S3's begins with a wildcard, for what is asked for: here a bucket.
    name = endpoint.dns_entries.apply(lambda entries: str(entries[0].dns_name).replace("*", "bucket", 1))
    return pulumi.Output.concat("https://", name)
