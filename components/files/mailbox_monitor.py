"""The mailbox monitor: the function that inspects the path of files and counts the mailbox, and its schedule."""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.function_package import FunctionPackage
from components.blocks.function_role import FunctionRole
from components.blocks.schedule import Schedule
from components.files.aggregator import Aggregator
from components.files.distribution_bucket import DistributionBucket
from components.files.ingest_queue import IngestQueue
from components.files.landing_bucket import LandingBucket
from components.network.function_access import FunctionAccess
from components.settings.shared import SharedSettings

# Metrics have one value a minute, and their alarms take a minute without one for a sign.
_EVERY: Final = "rate(1 minute)"
# It ends before the next one starts; a full mailbox takes about half of it.
_TIMEOUT_SECONDS: Final = 55
# Parsing a page takes 50 ms of a whole processor: less memory would mean less processor, and fewer pages a minute.
_MEMORY_MEGABYTES: Final = 512


@dataclass(frozen=True, kw_only=True)
class MailboxMonitorArgs:
    """What the monitor inspects, and how it runs."""

    landing: LandingBucket
    ingest: IngestQueue
    aggregator: Aggregator
    distribution: DistributionBucket
    package: FunctionPackage
    access: FunctionAccess
    """The networks that it may be in."""

    shared: SharedSettings


class MailboxMonitor(pulumi.ComponentResource):
    """A function that reads configurations and lists the mailbox, with a log of its own, invoked every minute."""

    HANDLER: Final = "runtime.files.mailbox_monitor.handler.handle"

    def __init__(self, name: str, args: MailboxMonitorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:mailbox_monitor:MailboxMonitor", name, None, opts)
        shared = args.shared
        child = pulumi.ResourceOptions(parent=self)
        inspected = args.aggregator.grant_inspect()
        ways = [*args.access.ways, *args.access.endpoint("lambda", inspected)]
        # Made before the function: a group that Lambda makes itself keeps its log for ever.
        log_group = aws.cloudwatch.LogGroup(
            name, name=f"/aws/lambda/{name}", retention_in_days=shared.log_retention_days, opts=child
        )
        role = FunctionRole(
            name,
            [
                *args.distribution.grant_watch(),
                *args.landing.grant_inspect(),
                *args.ingest.grant_inspect(),
                *inspected,
                *args.access.grant_connect(),
            ],
            description="Assumed by the mailbox monitor.",
            log_group_arn=log_group.arn,
            opts=child,
        )
        function = aws.lambda_.Function(
            name,
            name=name,
            description="Inspects the path of files, and counts the bundles that wait in the mailbox.",
            role=role.arn,
            handler=self.HANDLER,
            runtime=f"python{shared.function_python}",
            architectures=[shared.function_architecture],
            code=pulumi.FileArchive(str(args.package.path)),
            source_code_hash=args.package.source_code_hash,
            timeout=_TIMEOUT_SECONDS,
            memory_size=_MEMORY_MEGABYTES,
            environment=aws.lambda_.FunctionEnvironmentArgs(
                variables={
                    "STACK": pulumi.get_stack(),
                    "DISTRIBUTION_BUCKET": args.distribution.bucket,
                    "LANDING_BUCKET": args.landing.bucket,
                    "INGEST_QUEUE_URL": args.ingest.url,
                    "INGEST_QUEUE_ARN": args.ingest.arn,
                    "EVENT_SOURCE_MAPPING": args.aggregator.mapping_uuid,
                    "AGGREGATOR_ALIAS_ARN": args.aggregator.alias_arn,
                    "POWERTOOLS_SERVICE_NAME": "mailbox-monitor",
                    "POWERTOOLS_LOG_LEVEL": shared.log_level,
                }
            ),
            logging_config=aws.lambda_.FunctionLoggingConfigArgs(
                log_format="JSON", log_group=log_group.name, application_log_level=shared.log_level
            ),
            vpc_config=args.access.vpc_config(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[role.policy, *ways]),
        )
        Schedule(name, function, rate=_EVERY, owner=self)
        self.function: pulumi.Output[str] = function.name
        self.log_group: pulumi.Output[str] = log_group.name
        self.register_outputs({"function": self.function, "log_group": self.log_group})
