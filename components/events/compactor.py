"""The compactor: the function that keeps the table that people query, and what invokes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.function import Function, FunctionArgs
from components.blocks.function_platform import FunctionPlatform
from components.blocks.function_role import FunctionRole, grant_trace
from components.blocks.object_queue import ObjectQueue
from components.blocks.schedule import Schedule
from components.events import timing
from components.events.catalogue import TABLE, Catalogue
from components.events.compacted_bucket import CompactedBucket
from components.events.compactor_settings import CompactorSettings
from components.events.processed_bucket import ProcessedBucket
from components.events.processor import ALIAS
from components.watch.rollout import ShiftedAlias

_ROLLOUT: Final = "table-rollout"

# When the hours that have ended are rewritten into few files.
_EVERY: Final = "rate(1 hour)"
# The next hour's run does what this one did not.
_RETRIES: Final = 0
_EVENT_AGE_SECONDS: Final = 1800
# Of a batch that waits for no other message.
_MOST_WITHOUT_A_WINDOW: Final = 10


@dataclass(frozen=True, kw_only=True)
class CompactorArgs:
    """What the compactor works on, and how."""

    processed: ProcessedBucket
    compacted: CompactedBucket
    catalogue: Catalogue
    queue: ObjectQueue
    platform: FunctionPlatform
    settings: CompactorSettings
    shifted: bool
    """Whether a deployment moves the alias from version to version; else an update does."""


class Compactor(pulumi.ComponentResource):
    """A function with a role and a log of its own, behind an alias that its queue, the clock and people invoke."""

    HANDLER: Final = "runtime.events.compactor.handler.handle"

    def __init__(self, name: str, args: CompactorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:compactor:Compactor", name, None, opts)
        self._name = name
        self._args = args
        self._role = FunctionRole(
            name,
            [
                *args.processed.grant_read(),
                *args.compacted.grant_keep_table(),
                *args.catalogue.grant_keep_table(),
                *args.queue.grant_consume(),
                *args.queue.grant_retry(),
                *args.queue.grant_reject(),
                *grant_trace(),
            ],
            description="Assumed by the compactor function.",
            platform=args.platform,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.log_group = self._role.log_group
        self.role_arn = self._role.arn
        self.role_name = self._role.name
        self.register_outputs({"log_group": self.log_group, "role_arn": self.role_arn})

    def run(self, *, after: Sequence[pulumi.Resource]) -> None:
        """Declare the function, and let queue and clock invoke it.

        Args:
            after: what must be deployed before it runs: the policies that let it in.
        """
        name, args, settings = self._name, self._args, self._args.settings
        child = pulumi.ResourceOptions(parent=self)
        function = Function(
            name,
            FunctionArgs(
                description="Keeps the table of events: commits what is processed, rewrites hours into few files.",
                handler=self.HANDLER,
                lock="compactor",
                service="compactor",
                platform=args.platform,
                role=self._role,
                environment=_environment(args),
                timeout_seconds=settings.compactor_timeout_seconds,
                memory_megabytes=settings.compactor_memory_megabytes,
                traced=True,
                versioned=True,
                needs=after,
            ),
            child,
        )
        self.function = function.name
        alias = function.alias(ALIAS, shifted=args.shifted)
        self.shifted_alias = ShiftedAlias(
            rollout=_ROLLOUT, function=function.name, function_arn=function.arn, alias=ALIAS
        )
        delay = settings.compaction_delay_seconds
        aws.lambda_.EventSourceMapping(
            name,
            event_source_arn=args.queue.arn,
            function_name=alias.arn,
            batch_size=timing.COMPACTED_AT_ONCE if delay else _MOST_WITHOUT_A_WINDOW,
            maximum_batching_window_in_seconds=delay,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config=aws.lambda_.EventSourceMappingScalingConfigArgs(
                maximum_concurrency=timing.COMPACTOR_CONCURRENCY
            ),
            # Lambda refuses a mapping whose function may not read the queue.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._role.policy]),
        )
        aws.lambda_.FunctionEventInvokeConfig(
            name,
            function_name=alias.function,
            qualifier=alias.name,
            maximum_retry_attempts=_RETRIES,
            maximum_event_age_in_seconds=_EVENT_AGE_SECONDS,
            opts=child,
        )
        Schedule(name, alias, rate=_EVERY, opts=child)


def _environment(args: CompactorArgs) -> dict[str, pulumi.Input[str]]:
    """Return what `runtime/events/compactor/environment.py` reads."""
    return {
        "PROCESSED_BUCKET": args.processed.bucket,
        "COMPACTED_BUCKET": args.compacted.bucket,
        "DATABASE": args.catalogue.database,
        "TABLE": TABLE,
        "COMPACTION_QUEUE_URL": args.queue.url,
        "DEAD_LETTER_QUEUE_URL": args.queue.dead_letter_url,
        "COMPACTED_DAYS": str(args.settings.compacted_days),
    }
