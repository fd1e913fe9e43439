"""The sweeper: the function that removes what attempts left which did not commit, and the clock that invokes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.function import Function, FunctionArgs
from components.blocks.function_platform import FunctionPlatform
from components.blocks.function_role import FunctionRole, grant_trace
from components.blocks.schedule import Schedule
from components.events import timing
from components.events.event_stream import EventStream
from components.events.processed_bucket import ProcessedBucket
from components.events.progress_table import ProgressTable
from components.events.raw_bucket import RawBucket

# Each run sweeps two hours of events.
_EVERY: Final = "rate(1 hour)"
TIMEOUT_SECONDS: Final = 870
# Parsing a page of 1,000 versions takes 0.1 s of a whole processor, and this is 0.58 of one.
_MEMORY_MEGABYTES: Final = 1024
# The second sweep of an hour does what the first one did not; the rule's time says which hour, however late it comes.
_RETRIES: Final = 0
_EVENT_AGE_SECONDS: Final = 21_600


@dataclass(frozen=True, kw_only=True)
class SweeperArgs:
    """What is swept, and what says that it may be."""

    stream: EventStream
    raw: RawBucket
    processed: ProcessedBucket
    progress: ProgressTable
    platform: FunctionPlatform
    retention_hours: int
    raw_days: int


class Sweeper(pulumi.ComponentResource):
    """A function that lists raw events, reads the protocol's table, and alone of all functions removes raw events."""

    HANDLER: Final = "runtime.events.sweeper.handler.handle"

    def __init__(self, name: str, args: SweeperArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:sweeper:Sweeper", name, None, opts)
        self._name = name
        self._args = args
        self._role = FunctionRole(
            name,
            [
                *args.raw.grant_read(),
                *args.raw.grant_sweep(),
                *args.processed.grant_list(),
                *args.progress.grant_read(),
                *args.progress.grant_search(),
                *grant_trace(),
            ],
            description="Assumed by the sweeper function.",
            platform=args.platform,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.log_group = self._role.log_group
        self.role_arn = self._role.arn
        self.register_outputs({"log_group": self.log_group, "role_arn": self.role_arn})

    def run(self, *, after: Sequence[pulumi.Resource]) -> None:
        """Declare the function, and let the clock invoke it.

        Args:
            after: what must be deployed before it runs: the policies that let it in.
        """
        name, args = self._name, self._args
        child = pulumi.ResourceOptions(parent=self)
        function = Function(
            name,
            FunctionArgs(
                description="Removes raw events that no batch lists and whose records other batches hold.",
                handler=self.HANDLER,
                service="sweeper",
                platform=args.platform,
                role=self._role,
                environment=_environment(args),
                timeout_seconds=TIMEOUT_SECONDS,
                memory_megabytes=_MEMORY_MEGABYTES,
                traced=True,
                needs=after,
            ),
            child,
        )
        self.function = function.name
        aws.lambda_.FunctionEventInvokeConfig(
            name,
            function_name=function.name,
            maximum_retry_attempts=_RETRIES,
            maximum_event_age_in_seconds=_EVENT_AGE_SECONDS,
            opts=child,
        )
        Schedule(name, function, rate=_EVERY, opts=child)


def _environment(args: SweeperArgs) -> dict[str, pulumi.Input[str]]:
    """Return what `runtime/events/sweeper/environment.py` reads."""
    return {
        "STREAM_ARN": args.stream.arn,
        "RAW_BUCKET": args.raw.bucket,
        "PROCESSED_BUCKET": args.processed.bucket,
        "PROGRESS_TABLE": args.progress.table,
        "PATIENCE_SECONDS": str(timing.patience_seconds(retention_hours=args.retention_hours)),
        "RAW_DAYS": str(args.raw_days),
    }
