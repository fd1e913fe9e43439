"""The courier: the function that takes bundles from the mailbox to a receiver, and what wakes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.function import Function, FunctionArgs
from components.blocks.function_platform import FunctionPlatform
from components.blocks.function_role import FunctionRole, grant_trace
from components.blocks.schedule import Schedule
from components.blocks.secret import Secret
from components.files.aggregator import ALIAS
from components.files.courier_settings import CourierSettings
from components.files.delivery.courier.courier_table import CourierTable
from components.files.delivery.courier.receiver import Receiver
from components.files.distribution_bucket import DistributionBucket

# What the bell does when it is heard, and when it is lost.
_EVERY: Final = "rate(1 minute)"
# Lambda's longest: a run goes on as long as bundles come, and ends in time by itself.
_TIMEOUT_SECONDS: Final = 900
# Every event means "look", and the next one comes within a minute: an old one, or one that is tried again, is no use.
_OLDEST_EVENT_SECONDS: Final = 60


@dataclass(frozen=True, kw_only=True)
class CourierArgs:
    """What the courier works on, where it goes, and how."""

    distribution: DistributionBucket
    table: CourierTable
    secret: Secret
    """The receiver's credentials."""

    receiver: Receiver
    platform: FunctionPlatform
    account: pulumi.Input[str]
    settings: CourierSettings
    shifted: bool
    """Whether a deployment moves the alias from version to version; else an update does."""


class Courier(pulumi.ComponentResource):
    """A function with a role and a log of its own, behind an alias that the mailbox and a rule invoke."""

    HANDLER: Final = "runtime.files.courier.handler.handle"

    def __init__(self, name: str, args: CourierArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:courier:Courier", name, None, opts)
        self._name = name
        self._args = args
        self._role = FunctionRole(
            name,
            [
                *args.distribution.grant_take(),
                *args.table.grant_hold(),
                *args.secret.grant_read(),
                *grant_trace(),
            ],
            description="Assumed by the courier function.",
            platform=args.platform,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.log_group = self._role.log_group
        self.role_arn = self._role.arn
        self.register_outputs({"log_group": self.log_group, "role_arn": self.role_arn})

    def run(self, *, after: Sequence[pulumi.Resource]) -> None:
        """Publish the function, and let the mailbox and a rule wake it.

        Args:
            after: what must be deployed before there is a new version: the policies that let it in.
        """
        name, args = self._name, self._args
        child = pulumi.ResourceOptions(parent=self)
        function = Function(
            name,
            FunctionArgs(
                description="Takes bundles from the mailbox to the receiver on the premises.",
                handler=self.HANDLER,
                service="courier",
                platform=args.platform,
                role=self._role,
                environment=_environment(args),
                timeout_seconds=_TIMEOUT_SECONDS,
                memory_megabytes=args.settings.courier_memory_megabytes,
                traced=True,
                versioned=True,
                needs=after,
            ),
            child,
        )
        alias = function.alias(ALIAS, shifted=args.shifted)
        # Without it Lambda would try a run that failed twice more, and keep events for hours.
        aws.lambda_.FunctionEventInvokeConfig(
            name,
            function_name=alias.function,
            qualifier=alias.name,
            maximum_retry_attempts=0,
            maximum_event_age_in_seconds=_OLDEST_EVENT_SECONDS,
            opts=child,
        )
        Schedule(name, alias, rate=_EVERY, opts=child)
        args.distribution.ring(alias, args.account)
        self.function = function.name
        self.function_arn = function.arn


def _environment(args: CourierArgs) -> dict[str, pulumi.Input[str]]:
    """Return what `runtime/files/courier/environment.py` reads."""
    settings, receiver = args.settings, args.receiver
    return {
        "DISTRIBUTION_BUCKET": args.distribution.bucket,
        "COURIER_TABLE": args.table.table,
        "DELIVERY": receiver.delivery,
        "RECEIVER_URL": receiver.url,
        "RECEIVER_ADDRESS": receiver.destination.address,
        "RECEIVER_SECRET": args.secret.arn,
        **receiver.environment,
        "SEND_TIMEOUT_SECONDS": str(settings.send_timeout_seconds),
        "FAILURES_TO_OPEN": str(settings.failures_to_open),
        "PROBE_INTERVAL_SECONDS": str(settings.probe_interval_seconds),
        "PARALLEL_SENDS": str(settings.parallel_sends),
        "REFUSAL_TRIES": str(settings.refusal_tries),
        "CREDENTIALS_GRACE_SECONDS": str(settings.credentials_grace_seconds),
        "RECEIPT_LIFETIME_SECONDS": str(settings.receipt_lifetime_seconds),
    }
