"""What the pipeline asks of a delivery: how bundles leave the mailbox."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pulumi

from components.blocks.bucket_policy import Principals
from components.blocks.policy_document import Statement
from components.network.network import Network
from components.watch.rollout import ShiftedAlias


@dataclass(frozen=True, kw_only=True)
class RunningDelivery:
    """A delivery all of whose resources are declared."""

    outputs: Mapping[str, pulumi.Input[str]]
    """What its users need to know."""

    courier: ShiftedAlias | None
    """The alias of the function that takes bundles away; None where somebody comes for them."""


class PreparedDelivery(Protocol):
    """A delivery whose roles are declared, and nothing that runs as them."""

    def restrict(
        self,
        *,
        writer_role_arn: pulumi.Input[str],
        vpc_ids: Sequence[pulumi.Input[str]],
        operators: Principals,
    ) -> list[pulumi.Resource]:
        """Declare the policies that keep everybody else out, that of the mailbox among them, and return them.

        Args:
            writer_role_arn: the aggregator's.
            vpc_ids: the networks that functions must come from; none lets them come from anywhere.
            operators: ARNs of those who may replay bundles into the mailbox, look at them and take them out.
        """
        ...

    def run(self, *, after: Sequence[pulumi.Resource]) -> RunningDelivery:
        """Declare what runs, once these are deployed."""
        ...


class Delivery(Protocol):
    """A delivery whose stores are declared."""

    def calls(self) -> Mapping[str, Sequence[Statement]]:
        """Return what its functions will do, by service."""
        ...

    def prepare(self, network: Network) -> PreparedDelivery:
        """Declare its roles, and its ways in or out."""
        ...
