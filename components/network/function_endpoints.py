"""What the functions can reach from within a private network: the services that they call, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.policy_document import Statement
from components.network.endpoints import (
    HTTPS,
    EndpointSpec,
    NetworkLocation,
    gateway_endpoint,
    interface_endpoint,
    let_through,
)
from components.network.outlet import Destination, Outlet, OutletArgs

_WITH_GATEWAYS: Final = ("s3", "dynamodb")
"""The services that have gateway endpoints, which cost nothing."""


@dataclass(frozen=True, kw_only=True)
class FunctionEndpointsArgs:
    """What passes through the endpoint of each service."""

    location: NetworkLocation
    calls: Mapping[str, Sequence[Statement]]
    """What functions may do, by service; a service that is not there gets no endpoint.

    Not the receiving from queues, which Lambda polls from outside the network, nor logs, which it takes from the
    function itself.
    """


class FunctionEndpoints(pulumi.ComponentResource):
    """The functions' security group, which leads to a few endpoints, whose policies lead to this stack alone.

    Who may do what through them is said by each function's role.
    """

    def __init__(self, name: str, args: FunctionEndpointsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:function_endpoints:FunctionEndpoints", name, None, opts)
        self._name = name
        self._location = args.location
        self._tier = args.location.network.function_tier
        self._services: set[str] = set()
        self._prefix_list_ids: dict[str, pulumi.Output[str]] = {}
        child = pulumi.ResourceOptions(parent=self)
        self._group = aws.ec2.SecurityGroup(
            name,
            description="The functions: out to their endpoints, nothing in.",
            vpc_id=args.location.network.vpc_id,
            tags={"Name": name},
            opts=child,
        )
        endpoints = f"{name}-endpoints"
        self._endpoint_group = aws.ec2.SecurityGroup(
            endpoints,
            description="Endpoints of the functions: in from them, nothing out.",
            vpc_id=args.location.network.vpc_id,
            tags={"Name": endpoints},
            opts=child,
        )
        self.routes: list[pulumi.Resource] = [
            *self._tier.routed,
            aws.vpc.SecurityGroupIngressRule(
                endpoints,
                security_group_id=self._endpoint_group.id,
                description="From the functions",
                referenced_security_group_id=self._group.id,
                ip_protocol="tcp",
                from_port=HTTPS,
                to_port=HTTPS,
                opts=child,
            ),
            aws.vpc.SecurityGroupEgressRule(
                endpoints,
                security_group_id=self._group.id,
                description="To the interface endpoints",
                referenced_security_group_id=self._endpoint_group.id,
                ip_protocol="tcp",
                from_port=HTTPS,
                to_port=HTTPS,
                opts=child,
            ),
        ]
        """What must be there before a function runs."""
        for service, grants in args.calls.items():
            if service in _WITH_GATEWAYS:
                self.routes.append(self._gateway(service, grants))
            else:
                self.routes.append(self.endpoint(service, grants))
        self.vpc_id = args.location.network.vpc_id
        self.subnet_arns = self._tier.subnet_arns
        self.group_arn: pulumi.Output[str] = self._group.arn
        self.register_outputs({"security_group_id": self._group.id})

    def endpoint(self, service: str, grants: Sequence[Statement]) -> aws.ec2.VpcEndpoint:
        """Declare an interface endpoint of a service, at which these grants may be used.

        Raises:
            ValueError: there is one already. AWS lets no second one answer under the service's own name.
        """
        if service in self._services:
            raise ValueError(
                f"the network has an endpoint of {service} already: let one call of FunctionAccess.endpoint, or the "
                "pipelines' `calls`, bring together all that functions do there"
            )
        self._services.add(service)
        return interface_endpoint(
            f"{self._name}-{service}",
            self._spec(service, grants),
            group=self._endpoint_group,
            private_dns=True,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def outlet(self, name: str, destination: Destination) -> Outlet:
        """Declare the security group of a function that leaves the network for one address."""
        return Outlet(
            name,
            OutletArgs(
                destination=destination,
                vpc_id=self.vpc_id,
                endpoint_group_id=self._endpoint_group.id,
                prefix_list_ids=self._prefix_list_ids,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def vpc_config(self, outlet: Outlet | None = None) -> aws.lambda_.FunctionVpcConfigArgs:
        """Return a function's place in the network: in the group of all functions, or in one of its own."""
        group_id = outlet.group_id if outlet else self._group.id
        return aws.lambda_.FunctionVpcConfigArgs(subnet_ids=self._tier.subnet_ids, security_group_ids=[group_id])

    def _gateway(self, service: str, grants: Sequence[Statement]) -> pulumi.Resource:
        """Declare the gateway endpoint of a service, and return the rule that lets functions reach it."""
        name, child = f"{self._name}-{service}", pulumi.ResourceOptions(parent=self)
        gateway = gateway_endpoint(name, self._spec(service, grants), self._tier, child)
        self._prefix_list_ids[service] = gateway.prefix_list_id
        return aws.vpc.SecurityGroupEgressRule(
            name,
            security_group_id=self._group.id,
            description=f"To the gateway endpoint of {service}",
            prefix_list_id=gateway.prefix_list_id,
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            opts=child,
        )

    def _spec(self, service: str, grants: Sequence[Statement]) -> EndpointSpec:
        policy = let_through(grants, self._location.account)
        return EndpointSpec(location=self._location, service=service, policy=policy)
