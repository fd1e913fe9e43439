"""Curation: the function that makes records of raw objects, and what feeds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.function import Function, FunctionArgs
from components.blocks.function_platform import FunctionPlatform
from components.blocks.function_role import FunctionRole, grant_trace
from components.blocks.object_queue import ObjectQueue
from components.lake.counter_table import CounterTable
from components.lake.declared import FILE
from components.lake.ingestion import ALIAS
from components.lake.raw_bucket import RawBucket
from components.lake.record_table import RecordTable, VersionTable
from components.lake.retention_settings import RetentionSettings
from components.watch.rollout import ShiftedAlias

# No longer than the parts of other roles, with which the longest name of a stack is within IAM's 64 characters.
_ROLLOUT: Final = "object-rollout"


@dataclass(frozen=True, kw_only=True)
class CurationArgs:
    """What curation works on, and how."""

    raw: RawBucket
    records: RecordTable
    counters: CounterTable
    versions: VersionTable | None
    """None where a record that changed replaces what it was."""

    queue: ObjectQueue
    platform: FunctionPlatform
    settings: RetentionSettings
    shifted: bool
    """Whether a deployment moves the alias from version to version; else an update does."""


class Curation(pulumi.ComponentResource):
    """A function with a role and a log of its own, behind the alias `live` that its queue invokes."""

    HANDLER: Final = "runtime.lake.curation.handler.handle"

    def __init__(self, name: str, args: CurationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:curation:Curation", name, None, opts)
        self._name = name
        self._args = args
        self._role = FunctionRole(
            name,
            [
                *args.raw.grant_read(),
                *args.raw.grant_set_aside(),
                *args.records.grant_curate(),
                *args.counters.grant_count(),
                *(args.versions.grant_keep() if args.versions else []),
                *args.queue.grant_consume(),
                *args.queue.grant_retry(),
                *args.queue.grant_announce(),
                *args.queue.grant_reject(),
                *grant_trace(),
            ],
            description="Assumed by the curation function.",
            platform=args.platform,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.log_group = self._role.log_group
        self.role_arn = self._role.arn
        self.role_name = self._role.name
        self.register_outputs({"log_group": self.log_group, "role_arn": self.role_arn})

    def run(self, *, after: Sequence[pulumi.Resource]) -> None:
        """Publish the function and let its queue invoke it.

        Args:
            after: what must be deployed before there is a new version: the policies that let it in.
        """
        name, args, settings = self._name, self._args, self._args.settings
        function = Function(
            name,
            FunctionArgs(
                description="Makes records of raw objects, each counted once.",
                handler=self.HANDLER,
                service="curation",
                platform=args.platform,
                role=self._role,
                environment=_environment(args),
                files={FILE: settings.declared.text},
                timeout_seconds=settings.curation_timeout_seconds,
                memory_megabytes=settings.curation_memory_megabytes,
                traced=True,
                versioned=True,
                needs=after,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.function = function.name
        self.shifted_alias = ShiftedAlias(
            rollout=_ROLLOUT, function=function.name, function_arn=function.arn, alias=ALIAS
        )
        mapping = aws.lambda_.EventSourceMapping(
            name,
            event_source_arn=args.queue.arn,
            function_name=function.alias(ALIAS, shifted=args.shifted).arn,
            batch_size=settings.curation_batch_size,
            function_response_types=["ReportBatchItemFailures"],
            # Not a reserved concurrency: the poller would go on receiving for a throttled function, and so use up the
            # receives of good messages.
            scaling_config=aws.lambda_.EventSourceMappingScalingConfigArgs(
                maximum_concurrency=settings.curation_concurrency
            ),
            metrics_config=aws.lambda_.EventSourceMappingMetricsConfigArgs(metrics=["EventCount"]),
            # Lambda refuses a mapping whose function may not read the queue.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._role.policy]),
        )
        self.mapping: pulumi.Resource = mapping
        """What must be there before a source is asked that only the new version knows."""


def _environment(args: CurationArgs) -> dict[str, pulumi.Input[str]]:
    """Return what `runtime/lake/curation/environment.py` reads."""
    return {
        "RAW_BUCKET": args.raw.bucket,
        "RECORDS_TABLE": args.records.table,
        "COUNTERS_TABLE": args.counters.table,
        "VERSIONS_TABLE": args.versions.table if args.versions else "",
        "SOURCES_FILE": FILE,
        "OPEN_ORIGINS": " ".join(args.settings.open_origins),
        "QUEUE_URL": args.queue.url,
        "DEAD_LETTER_QUEUE_URL": args.queue.dead_letter_url,
        "RETENTION_DAYS": str(args.settings.record_retention_days),
    }
