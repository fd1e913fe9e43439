"""The transformer: the function that takes raw objects to the processed bucket, and what feeds it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.function import Function, FunctionArgs
from components.blocks.function_platform import FunctionPlatform
from components.blocks.function_role import FunctionRole, grant_trace
from components.blocks.object_queue import ObjectQueue
from components.events import timing
from components.events.event_stream import EventStream
from components.events.processed_bucket import ProcessedBucket
from components.events.processor import ALIAS
from components.events.progress_table import ProgressTable
from components.events.raw_bucket import RawBucket
from components.events.transformer_settings import TransformerSettings
from components.watch.rollout import ShiftedAlias

_ROLLOUT: Final = "object-rollout"


@dataclass(frozen=True, kw_only=True)
class TransformerArgs:
    """What the transformer works on, and how."""

    stream: EventStream
    raw: RawBucket
    processed: ProcessedBucket
    progress: ProgressTable
    queue: ObjectQueue
    platform: FunctionPlatform
    settings: TransformerSettings
    shifted: bool
    """Whether a deployment moves the alias from version to version; else an update does."""


class Transformer(pulumi.ComponentResource):
    """A function with a role and a log of its own, behind the alias `live` that its queue invokes."""

    HANDLER: Final = "runtime.events.transformer.handler.handle"

    def __init__(self, name: str, args: TransformerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:transformer:Transformer", name, None, opts)
        self._name = name
        self._args = args
        self._role = FunctionRole(
            name,
            [
                *args.stream.grant_describe(),
                *args.raw.grant_read(),
                *args.processed.grant_write(),
                *args.progress.grant_note(),
                *args.queue.grant_consume(),
                *args.queue.grant_retry(),
                *args.queue.grant_announce(),
                *args.queue.grant_reject(),
                *grant_trace(),
            ],
            description="Assumed by the transformer function.",
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
                description="Takes raw events to the processed bucket, with what is added to them.",
                handler=self.HANDLER,
                service="transformer",
                platform=args.platform,
                role=self._role,
                environment=_environment(args),
                timeout_seconds=settings.transformer_timeout_seconds,
                memory_megabytes=settings.transformer_memory_megabytes,
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
        aws.lambda_.EventSourceMapping(
            name,
            event_source_arn=args.queue.arn,
            function_name=function.alias(ALIAS, shifted=args.shifted).arn,
            batch_size=timing.OBJECTS_AT_ONCE,
            function_response_types=["ReportBatchItemFailures"],
            # Not a reserved concurrency: the poller would go on receiving for a throttled function, and so use up the
            # receives of good messages.
            scaling_config=aws.lambda_.EventSourceMappingScalingConfigArgs(
                maximum_concurrency=settings.transformer_concurrency
            ),
            # Lambda refuses a mapping whose function may not read the queue.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._role.policy]),
        )


def _environment(args: TransformerArgs) -> dict[str, pulumi.Input[str]]:
    """Return what `runtime/events/transformer/environment.py` reads."""
    return {
        "STREAM_ARN": args.stream.arn,
        "RAW_BUCKET": args.raw.bucket,
        "PROCESSED_BUCKET": args.processed.bucket,
        "PROGRESS_TABLE": args.progress.table,
        "TRANSFORM_QUEUE_URL": args.queue.url,
        "DEAD_LETTER_QUEUE_URL": args.queue.dead_letter_url,
        "PATIENCE_SECONDS": str(args.settings.patience_seconds),
        "THRESHOLDS": json.dumps(args.settings.thresholds),
    }
