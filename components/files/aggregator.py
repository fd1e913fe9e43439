"""The aggregator: the function that bundles landed files, and what feeds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.function_package import FunctionPackage
from components.blocks.function_role import FunctionRole, grant_trace
from components.blocks.policy_document import Statement
from components.files.archive_bucket import ArchiveBucket
from components.files.claim_table import ClaimTable
from components.files.distribution_bucket import DistributionBucket
from components.files.ingest_queue import IngestQueue
from components.files.landing_bucket import LandingBucket
from components.files.settings import FilesSettings
from components.network.function_access import FunctionAccess
from components.settings.shared import SharedSettings

ALIAS: Final = "live"
"""What the queue invokes: the version of the function that is in use."""

# What CodeDeploy moves after the alias was made: `pulumi up` would move it back, or on, without a canary.
_SHIFTED: Final = ["function_version", "routing_config"]
_MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class AggregatorArgs:
    """What the aggregator works on, and how."""

    landing: LandingBucket
    archive: ArchiveBucket
    distribution: DistributionBucket
    claims: ClaimTable
    ingest: IngestQueue
    package: FunctionPackage
    access: FunctionAccess
    """The networks that its versions are in."""

    shared: SharedSettings
    settings: FilesSettings


class Aggregator(pulumi.ComponentResource):
    """A function with a role and a log of its own, behind the alias `live` that the ingest queue invokes."""

    HANDLER: Final = "runtime.files.aggregator.handler.handle"

    def __init__(self, name: str, args: AggregatorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:aggregator:Aggregator", name, None, opts)
        shared = args.shared
        child = pulumi.ResourceOptions(parent=self)
        # Made before the function: a group that Lambda makes itself keeps its log for ever.
        log_group = aws.cloudwatch.LogGroup(
            name, name=f"/aws/lambda/{name}", retention_in_days=shared.log_retention_days, opts=child
        )
        role = FunctionRole(
            name,
            [
                *args.landing.grant_read(),
                *args.archive.grant_archive(),
                *args.distribution.grant_deliver(),
                *args.claims.grant_claim(),
                *args.ingest.grant_consume(),
                *args.ingest.grant_bring_forward(),
                *args.ingest.grant_reject(),
                *grant_trace(),
                *args.access.grant_connect(),
            ],
            description="Assumed by the aggregator function.",
            log_group_arn=log_group.arn,
            opts=child,
        )
        self._name = name
        self._args = args
        self._role = role
        self.log_group: pulumi.Output[str] = log_group.name
        self.role_arn: pulumi.Output[str] = role.arn
        self.role_name = role.name
        self.register_outputs({"log_group": self.log_group, "role_arn": self.role_arn})

    def run(self, *, after: Sequence[pulumi.Resource]) -> None:
        """Publish the function and let the queue invoke it.

        Args:
            after: what must be deployed before there is a new version: the policies that let it in.
        """
        name, args, shared, settings = self._name, self._args, self._args.shared, self._args.settings
        function = aws.lambda_.Function(
            name,
            name=name,
            description="Bundles landed files into the archive and the mailbox.",
            role=self.role_arn,
            handler=self.HANDLER,
            runtime=f"python{shared.function_python}",
            architectures=[shared.function_architecture],
            code=pulumi.FileArchive(str(args.package.path)),
            source_code_hash=args.package.source_code_hash,
            timeout=settings.function_timeout_seconds,
            memory_size=settings.function_memory_megabytes,
            ephemeral_storage=aws.lambda_.FunctionEphemeralStorageArgs(size=settings.function_disk_megabytes),
            environment=aws.lambda_.FunctionEnvironmentArgs(variables=_environment(args)),
            logging_config=aws.lambda_.FunctionLoggingConfigArgs(
                log_format="JSON",
                log_group=self.log_group,
                # Lambda filters by it, and Powertools prefers it to its own variable. Metrics are log lines without a
                # level, which count as INFO: a stricter level would drop them.
                application_log_level=shared.log_level,
            ),
            tracing_config=aws.lambda_.FunctionTracingConfigArgs(mode="Active"),
            vpc_config=args.access.vpc_config(),
            publish=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._role.policy, *args.access.ways, *after]),
        )
        alias = aws.lambda_.Alias(
            name,
            name=ALIAS,
            function_name=function.name,
            function_version=function.version,
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=_SHIFTED if shared.rollout == "canary" else None),
        )
        mapping = aws.lambda_.EventSourceMapping(
            name,
            event_source_arn=args.ingest.arn,
            function_name=alias.arn,
            batch_size=settings.batch_size,
            maximum_batching_window_in_seconds=settings.batching_window_seconds,
            function_response_types=["ReportBatchItemFailures"],
            # Not a reserved concurrency: the poller would go on receiving for a throttled function, and so use up the
            # receives of good messages.
            scaling_config=aws.lambda_.EventSourceMappingScalingConfigArgs(
                maximum_concurrency=settings.maximum_concurrency
            ),
            # Lambda refuses a mapping whose function may not read the queue.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._role.policy]),
        )
        self.function: pulumi.Output[str] = function.name
        self.function_arn: pulumi.Output[str] = function.arn
        self.alias_arn: pulumi.Output[str] = alias.arn
        self.mapping_uuid: pulumi.Output[str] = mapping.uuid
        self._mapping_arn: pulumi.Output[str] = mapping.arn

    def grant_inspect(self) -> list[Statement]:
        """Read whether the queue is being read, and for what."""
        return [
            {
                "Sid": "InspectEventSourceMapping",
                "Effect": "Allow",
                "Action": ["lambda:GetEventSourceMapping"],
                "Resource": [self._mapping_arn],
            }
        ]


def _environment(args: AggregatorArgs) -> dict[str, pulumi.Input[str]]:
    """Return what `runtime/files/aggregator/environment.py` reads, and what Powertools reads."""
    shared, settings = args.shared, args.settings
    return {
        "STACK": pulumi.get_stack(),
        "LANDING_BUCKET": args.landing.bucket,
        "ARCHIVE_BUCKET": args.archive.bucket,
        "DISTRIBUTION_BUCKET": args.distribution.bucket,
        "CLAIM_TABLE": args.claims.table,
        "INGEST_QUEUE_URL": args.ingest.url,
        "DEAD_LETTER_QUEUE_URL": args.ingest.dead_letter_url,
        "LONGEST_RETRY_SECONDS": str(settings.longest_retry_seconds),
        "CLAIM_LIFETIME_SECONDS": str(settings.claim_lifetime_seconds),
        "MAX_FILE_BYTES": str(settings.max_file_megabytes * _MEGABYTE),
        "MAX_BUNDLE_BYTES": str(settings.max_bundle_megabytes * _MEGABYTE),
        "POWERTOOLS_SERVICE_NAME": "aggregator",
        "POWERTOOLS_LOG_LEVEL": shared.log_level,
    }
