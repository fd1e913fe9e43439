"""The aggregator: the function that bundles landed files, and what feeds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.function import Function, FunctionArgs
from components.blocks.function_platform import FunctionPlatform
from components.blocks.function_role import FunctionRole, grant_trace
from components.blocks.policy_document import Statement
from components.files.archive_bucket import ArchiveBucket
from components.files.claim_table import ClaimTable
from components.files.distribution_bucket import DistributionBucket
from components.files.ingest_queue import IngestLane, IngestQueue
from components.files.landing_bucket import LandingBucket

ALIAS: Final = "live"
"""What the queue invokes: the version of the function that is in use."""

_MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class AggregatorArgs:
    """What the aggregator works on, and how."""

    landing: LandingBucket
    archive: ArchiveBucket
    distribution: DistributionBucket
    claims: ClaimTable
    ingest: IngestQueue
    platform: FunctionPlatform
    timeout_seconds: int
    memory_megabytes: int
    disk_megabytes: int
    """Takes the open bundle and the files fetched for it."""

    batch_size: int
    """Most messages of one invocation."""

    batching_window_seconds: int
    """Longest wait for a batch to fill."""

    maximum_concurrency: int
    """Most invocations that each lane of the queue starts at the same time."""

    longest_retry_seconds: int
    """How long a message that failed waits at the most."""

    claim_lifetime_seconds: int
    max_file_megabytes: int
    max_bundle_megabytes: int
    """Size of files at which a batch is split into several bundles."""

    shifted: bool
    """Whether a deployment moves the alias from version to version; else an update does."""


class Aggregator(pulumi.ComponentResource):
    """A function with a role and a log of its own, behind the alias `live` that each ingest lane invokes."""

    HANDLER: Final = "runtime.files.aggregator.handler.handle"

    def __init__(self, name: str, args: AggregatorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:aggregator:Aggregator", name, None, opts)
        self._name = name
        self._args = args
        self._role = FunctionRole(
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
            ],
            description="Assumed by the aggregator function.",
            platform=args.platform,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.log_group = self._role.log_group
        self.role_arn = self._role.arn
        self.role_name = self._role.name
        self.register_outputs({"log_group": self.log_group, "role_arn": self.role_arn})

    def run(self, *, after: Sequence[pulumi.Resource]) -> None:
        """Publish the function and let the queue invoke it.

        Args:
            after: what must be deployed before there is a new version: the policies that let it in.
        """
        name, args = self._name, self._args
        function = Function(
            name,
            FunctionArgs(
                description="Bundles landed files into the archive and the mailbox.",
                handler=self.HANDLER,
                service="aggregator",
                platform=args.platform,
                role=self._role,
                environment=_environment(args),
                timeout_seconds=args.timeout_seconds,
                memory_megabytes=args.memory_megabytes,
                disk_megabytes=args.disk_megabytes,
                traced=True,
                versioned=True,
                needs=after,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.function = function.name
        self.function_arn = function.arn
        self.alias_arn = function.alias(ALIAS, shifted=args.shifted).arn
        self.mappings = [self._mapping(lane) for lane in args.ingest.lanes]

    def _mapping(self, lane: IngestLane) -> aws.lambda_.EventSourceMapping:
        args = self._args
        return aws.lambda_.EventSourceMapping(
            lane.logical_name(self._name),
            event_source_arn=lane.arn,
            function_name=self.alias_arn,
            batch_size=args.batch_size,
            maximum_batching_window_in_seconds=args.batching_window_seconds,
            function_response_types=["ReportBatchItemFailures"],
            # Not a reserved concurrency: the poller would go on receiving for a throttled function, and so use up the
            # receives of good messages.
            scaling_config=aws.lambda_.EventSourceMappingScalingConfigArgs(
                maximum_concurrency=args.maximum_concurrency
            ),
            # Lambda refuses a mapping whose function may not read the queue.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._role.policy, *lane.read_after]),
        )

    def grant_inspect(self) -> list[Statement]:
        """Read whether the queue is being read, and for what."""
        return [
            {
                "Sid": "InspectEventSourceMapping",
                "Effect": "Allow",
                "Action": ["lambda:GetEventSourceMapping"],
                "Resource": [mapping.arn for mapping in self.mappings],
            }
        ]


def _environment(args: AggregatorArgs) -> dict[str, pulumi.Input[str]]:
    """Return what `runtime/files/aggregator/environment.py` reads."""
    return {
        "LANDING_BUCKET": args.landing.bucket,
        "ARCHIVE_BUCKET": args.archive.bucket,
        "DISTRIBUTION_BUCKET": args.distribution.bucket,
        "CLAIM_TABLE": args.claims.table,
        "INGEST_QUEUE_URL": args.ingest.url,
        "DEAD_LETTER_QUEUE_URL": args.ingest.dead_letter_url,
        "LONGEST_RETRY_SECONDS": str(args.longest_retry_seconds),
        "CLAIM_LIFETIME_SECONDS": str(args.claim_lifetime_seconds),
        "MAX_FILE_BYTES": str(args.max_file_megabytes * _MEGABYTE),
        "MAX_BUNDLE_BYTES": str(args.max_bundle_megabytes * _MEGABYTE),
    }
