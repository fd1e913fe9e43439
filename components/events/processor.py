"""The processor: the function that takes records from the stream to the raw bucket, and what feeds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.function import Function, FunctionArgs
from components.blocks.function_platform import FunctionPlatform
from components.blocks.function_role import FunctionRole, grant_trace
from components.events.failure_bucket import FailureBucket
from components.events.processor_settings import ProcessorSettings
from components.events.stream_reader import StreamReaderArgs
from components.watch.rollout import ShiftedAlias

ALIAS: Final = "live"
"""What the stream invokes: the version of the function that is in use."""

# No longer than the parts of other roles, with which the longest name of a stack is within IAM's 64 characters.
_ROLLOUT: Final = "stream-rollout"
# Until the records are too old: what fails for hours passes, and what cannot be processed is set aside by the function.
_TRY_ALWAYS: Final = -1
# A shard's frontier takes its batches one after the other. With several at a time each would wait for the one before.
_BATCHES_AT_A_TIME: Final = 1


@dataclass(frozen=True, kw_only=True)
class ProcessorArgs:
    """What the processor works on, and how."""

    reader: StreamReaderArgs
    failures: FailureBucket
    """Where Lambda puts what it gives up."""

    platform: FunctionPlatform
    settings: ProcessorSettings
    shifted: bool
    """Whether a deployment moves the alias from version to version; else an update does."""


class Processor(pulumi.ComponentResource):
    """A function with a role and a log of its own, behind the alias `live` that the stream invokes."""

    HANDLER: Final = "runtime.events.processor.handler.handle"

    def __init__(self, name: str, args: ProcessorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:processor:Processor", name, None, opts)
        self._name = name
        self._args = args
        self._role = FunctionRole(
            name,
            [
                *args.reader.stream.grant_consume(),
                *args.reader.grants(),
                *args.failures.grant_set_aside(),
                *grant_trace(),
            ],
            description="Assumed by the processor function.",
            platform=args.platform,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.log_group = self._role.log_group
        self.role_arn = self._role.arn
        self.role_name = self._role.name
        self.register_outputs({"log_group": self.log_group, "role_arn": self.role_arn})

    def run(self, *, after: Sequence[pulumi.Resource], protected: pulumi.ResourceOptions) -> None:
        """Publish the function and let the stream invoke it.

        Args:
            after: what must be deployed before there is a new version: the policies that let it in.
            protected: options of the mapping. A new one would begin with all that the stream still has: the frontier
                drops what was processed, but until it has caught up nothing new is.
        """
        name, args, settings = self._name, self._args, self._args.settings
        function = Function(
            name,
            FunctionArgs(
                description="Takes records of the stream to the raw bucket, each once.",
                handler=self.HANDLER,
                service="processor",
                platform=args.platform,
                role=self._role,
                environment=args.reader.environment(),
                timeout_seconds=settings.processor_timeout_seconds,
                memory_megabytes=settings.processor_memory_megabytes,
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
            event_source_arn=args.reader.stream.arn,
            function_name=function.alias(ALIAS, shifted=args.shifted).arn,
            # The newest records would leave out those that come while the mapping is made.
            starting_position="TRIM_HORIZON",
            batch_size=settings.batch_size,
            maximum_batching_window_in_seconds=settings.batching_window_seconds,
            parallelization_factor=_BATCHES_AT_A_TIME,
            bisect_batch_on_function_error=True,
            function_response_types=["ReportBatchItemFailures"],
            maximum_retry_attempts=_TRY_ALWAYS,
            maximum_record_age_in_seconds=settings.oldest_record_seconds,
            destination_config=aws.lambda_.EventSourceMappingDestinationConfigArgs(
                on_failure=aws.lambda_.EventSourceMappingDestinationConfigOnFailureArgs(
                    destination_arn=args.failures.arn
                )
            ),
            # Tells, beside what it did, how much it gave up.
            metrics_config=aws.lambda_.EventSourceMappingMetricsConfigArgs(metrics=["EventCount"]),
            # Lambda refuses a mapping whose function may not read the stream, or not write to the destination.
            opts=pulumi.ResourceOptions.merge(
                protected, pulumi.ResourceOptions(parent=self, depends_on=[self._role.policy, *after])
            ),
        )
        self.mapping_uuid: pulumi.Output[str] = mapping.uuid
