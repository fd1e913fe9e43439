"""The mailbox monitor: the function that inspects the path of files and counts the mailbox, and its schedule."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from components.blocks.function import Function, FunctionArgs
from components.blocks.function_platform import FunctionPlatform
from components.blocks.function_role import FunctionRole
from components.blocks.schedule import Schedule
from components.files.aggregator import Aggregator
from components.files.distribution_bucket import DistributionBucket
from components.files.ingest_queue import IngestQueue
from components.files.landing_bucket import LandingBucket

# Metrics have one value a minute, and their alarms take a minute without one for a sign.
_EVERY: Final = "rate(1 minute)"
# It ends before the next one starts; a full mailbox takes about half of it.
_TIMEOUT_SECONDS: Final = 55
# Parsing a page takes 50 ms of a whole processor: less memory would mean less processor, and fewer pages a minute.
_MEMORY_MEGABYTES: Final = 512


@dataclass(frozen=True, kw_only=True)
class MailboxMonitorArgs:
    """What the monitor inspects, and what it runs on."""

    landing: LandingBucket
    ingest: IngestQueue
    aggregator: Aggregator
    distribution: DistributionBucket
    platform: FunctionPlatform
    delivery: str
    """Who empties the mailbox: the value of the setting filesDelivery."""

    routes: Sequence[pulumi.Resource]
    """What leads to Lambda's own API, which it asks about the aggregator's mappings, beside the platform's routes."""


class MailboxMonitor(pulumi.ComponentResource):
    """A function that reads configurations and lists the mailbox, with a log of its own, invoked every minute."""

    HANDLER: Final = "runtime.files.mailbox_monitor.handler.handle"

    def __init__(self, name: str, args: MailboxMonitorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:mailbox_monitor:MailboxMonitor", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = FunctionRole(
            name,
            [
                *args.distribution.grant_watch(),
                *args.landing.grant_inspect(),
                *args.ingest.grant_inspect(),
                *args.aggregator.grant_inspect(),
            ],
            description="Assumed by the mailbox monitor.",
            platform=args.platform,
            opts=child,
        )
        function = Function(
            name,
            FunctionArgs(
                description="Inspects the path of files, and counts the bundles that wait in the mailbox.",
                handler=self.HANDLER,
                service="mailbox-monitor",
                platform=args.platform,
                role=role,
                environment={
                    "DELIVERY": args.delivery,
                    "DISTRIBUTION_BUCKET": args.distribution.bucket,
                    "LANDING_BUCKET": args.landing.bucket,
                    "INGEST_LANES": pulumi.Output.json_dumps(_lanes(args)),
                    "AGGREGATOR_ALIAS_ARN": args.aggregator.alias_arn,
                },
                timeout_seconds=_TIMEOUT_SECONDS,
                memory_megabytes=_MEMORY_MEGABYTES,
                needs=args.routes,
            ),
            child,
        )
        Schedule(name, function, rate=_EVERY, opts=child)
        self.function = function.name
        self.log_group = role.log_group
        self.register_outputs({"function": self.function, "log_group": self.log_group})


def _lanes(args: MailboxMonitorArgs) -> list[dict[str, pulumi.Input[str]]]:
    """Return the ways into the ingest queue and out of it, as `runtime/files/mailbox_monitor/path.py` reads them."""
    return [
        {"prefix": lane.prefix, "queue_url": lane.url, "queue_arn": lane.arn, "mapping": mapping.uuid}
        for lane, mapping in zip(args.ingest.lanes, args.aggregator.mappings, strict=True)
    ]
