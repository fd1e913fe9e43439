"""The network of a stack: where its functions run, and how those on the premises come in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pulumi

from components.blocks.naming import resource_name
from components.blocks.policy_document import Statement
from components.network.function_access import FunctionAccess, FunctionAccessArgs, OutletAccess
from components.network.on_premises_access import OnPremisesAccess, OnPremisesAccessArgs
from components.network.on_premises_link import OnPremisesLink, OnPremisesLinkArgs
from components.network.outlet import Destination
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
        self._location = self.functions.premises_location
        self._premises_cidrs = settings.on_premises_cidrs
        self._link: OnPremisesLink | None = None
        if self._location and settings.on_premises_line:
            self._link = OnPremisesLink(
                resource_name("on-premises"),
                OnPremisesLinkArgs(network=self._location.network, line=settings.on_premises_line),
            )

    @cached_property
    def premises(self) -> OnPremisesAccess | None:
        """Where pipelines open services to the premises; None where the stack knows no networks there.

        It is declared for whoever asks for it first: where nobody comes in, nothing is open.
        """
        if not (self._location and self._premises_cidrs):
            return None
        return OnPremisesAccess(
            resource_name("on-premises"), OnPremisesAccessArgs(location=self._location, cidrs=self._premises_cidrs)
        )

    def outlet(self, part: str, destination: Destination) -> OutletAccess:
        """Declare the way of one function to one address on the premises; without a private network there is none.

        Args:
            part: the function's name in the stack, "files-courier" for example.
            destination: where it leads.
        """
        routes = [self._link.lead_to(resource_name(part), destination.address)] if self._link else []
        return self.functions.outlet(part, destination, routes=routes)
