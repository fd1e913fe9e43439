"""Delivery by the courier: what it holds, what it will call, the function, and who is kept out of the mailbox."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from components.blocks.bucket_policy import Principals
from components.blocks.naming import resource_name
from components.blocks.policy_document import Statement
from components.blocks.secret import Secret
from components.files.aggregator import ALIAS
from components.files.courier_settings import CourierSettings
from components.files.delivery.courier.courier import Courier, CourierArgs
from components.files.delivery.courier.courier_table import CourierTable
from components.files.delivery.courier.receiver import Receiver
from components.files.delivery.delivery import PreparedDelivery, RunningDelivery
from components.files.distribution_bucket import DistributionBucket
from components.network.network import Network
from components.pipeline import Stack
from components.watch.rollout import ShiftedAlias

_COURIER: Final = "courier"
_RECEIVER: Final = "receiver"


@dataclass(frozen=True, kw_only=True)
class CourierDeliveryArgs:
    """What is delivered, to whom, and how."""

    pipeline: str
    """The pipeline's name, for those of the resources."""

    stack: Stack
    distribution: DistributionBucket
    receiver: Receiver
    settings: CourierSettings


class CourierDelivery:
    """The courier's table and the receiver's secret; with `run`, the courier itself."""

    def __init__(self, args: CourierDeliveryArgs) -> None:
        stack = args.stack
        self._args = args
        self._table = CourierTable(
            resource_name(args.pipeline, _COURIER),
            deletion_protection=stack.settings.protect_data,
            key=stack.settings.table_key,
            opts=stack.protected,
        )
        self._secret = Secret(
            resource_name(args.pipeline, _RECEIVER),
            description="What the courier shows the receiver; put by people, never by Pulumi.",
            opts=stack.protected,
        )

    def calls(self) -> Mapping[str, Sequence[Statement]]:
        """Return what the courier will do, by service."""
        return {
            "s3": self._args.distribution.grant_take(),
            "dynamodb": self._table.grant_hold(),
            "secretsmanager": self._secret.grant_read(),
        }

    def prepare(self, network: Network) -> PreparedDelivery:
        """Declare the courier's role and its way out, which policies name before it runs."""
        args = self._args
        place = network.outlet(f"{args.pipeline}-{_COURIER}", args.receiver.destination)
        courier = Courier(
            resource_name(args.pipeline, _COURIER),
            CourierArgs(
                distribution=args.distribution,
                table=self._table,
                secret=self._secret,
                receiver=args.receiver,
                platform=args.stack.function_platform(place),
                account=args.stack.account,
                settings=args.settings,
                shifted=args.stack.settings.shifts_aliases,
            ),
        )
        return _PreparedCourier(args.distribution, courier, self._table, self._secret)


@dataclass(frozen=True)
class _PreparedCourier:
    """A courier whose role is declared, with what it works on."""

    _distribution: DistributionBucket
    _courier: Courier
    _table: CourierTable
    _secret: Secret

    def restrict(
        self,
        *,
        writer_role_arn: pulumi.Input[str],
        vpc_ids: Sequence[pulumi.Input[str]],
        operators: Principals,
    ) -> list[pulumi.Resource]:
        role_arn = self._courier.role_arn
        return [
            self._distribution.restrict_to_courier(
                writer_role_arn=writer_role_arn, vpc_ids=vpc_ids, courier_role_arn=role_arn, operators=operators
            ),
            self._secret.restrict(reader_role_arn=role_arn, vpc_ids=vpc_ids),
        ]

    def run(self, *, after: Sequence[pulumi.Resource]) -> RunningDelivery:
        courier = self._courier
        courier.run(after=after)
        return RunningDelivery(
            outputs={
                "courierFunction": courier.function,
                "courierLogGroup": courier.log_group,
                "courierTable": self._table.table,
                "receiverSecret": self._secret.arn,
            },
            courier=ShiftedAlias(
                rollout="courier-rollout",
                function=courier.function,
                function_arn=courier.function_arn,
                alias=ALIAS,
            ),
        )
