"""The network of a stack: where its functions run, and how those on the premises come in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.blocks.naming import resource_name
from components.blocks.policy_document import Statement
from components.network.function_access import FunctionAccess, FunctionAccessArgs
from components.network.on_premises_access import OnPremisesAccess, OnPremisesAccessArgs
from components.network.on_premises_link import OnPremisesLink, OnPremisesLinkArgs
from components.settings.network import NetworkSettings


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """Where the network is, how it is set up, and what functions do from within it."""

    region: pulumi.Input[str]
    account: pulumi.Input[str]
    settings: NetworkSettings
    log_retention_days: int
    """Days that the log of the network's traffic is kept."""

    calls: Mapping[str, Sequence[Statement]]
    """What functions may do through the endpoints, by service, as the names of endpoints have it."""


class Network:
    """What pipelines find of the network; without a private one, functions run in Lambda's own."""

    def __init__(self, args: NetworkArgs) -> None:
        settings = args.settings
        self.functions = FunctionAccess(
            FunctionAccessArgs(
                new=settings.network_of_new_versions,
                live=settings.network_of_live_version,
                zones=settings.network_zones,
                region=args.region,
                account=args.account,
                log_retention_days=args.log_retention_days,
                calls=args.calls,
            )
        )
        self.premises: OnPremisesAccess | None = None
        """Where pipelines open services to the premises; None where the stack knows no networks there."""

        location = self.functions.premises_location
        if location and settings.on_premises_cidrs:
            self.premises = OnPremisesAccess(
                resource_name("on-premises"),
                OnPremisesAccessArgs(location=location, cidrs=settings.on_premises_cidrs),
            )
        if location and settings.on_premises_line:
            OnPremisesLink(
                resource_name("on-premises"),
                OnPremisesLinkArgs(
                    network=location.network, network_cidr=location.network.cidr, line=settings.on_premises_line
                ),
            )
