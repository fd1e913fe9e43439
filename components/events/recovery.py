"""Recovery: the function that brings back what Lambda gave up, or what the stream still has."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from components.blocks.function import Function, FunctionArgs
from components.blocks.function_platform import FunctionPlatform
from components.blocks.function_role import FunctionRole, grant_trace
from components.events.failure_bucket import FailureBucket
from components.events.stream_reader import StreamReaderArgs

# Lambda's longest: a range is brought back batch after batch, and the next invocation continues.
_TIMEOUT_SECONDS: Final = 900


@dataclass(frozen=True, kw_only=True)
class RecoveryArgs:
    """What is brought back, where to, and what it runs on."""

    reader: StreamReaderArgs
    failures: FailureBucket
    platform: FunctionPlatform
    memory_megabytes: int


class Recovery(pulumi.ComponentResource):
    """A function that nothing invokes but people, by `baler events redrive` and `replay`; it alone reads failures."""

    HANDLER: Final = "runtime.events.recovery.handler.handle"

    def __init__(self, name: str, args: RecoveryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:recovery:Recovery", name, None, opts)
        self._name = name
        self._args = args
        self._role = FunctionRole(
            name,
            [
                *args.reader.stream.grant_read(),
                *args.reader.stream.grant_decrypt(),
                *args.reader.grants(),
                *args.reader.progress.grant_search(),
                *args.failures.grant_read(),
                *grant_trace(),
            ],
            description="Assumed by the recovery function.",
            platform=args.platform,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.log_group = self._role.log_group
        self.role_arn = self._role.arn
        self.register_outputs({"log_group": self.log_group, "role_arn": self.role_arn})

    def run(self, *, after: Sequence[pulumi.Resource]) -> None:
        """Declare the function.

        Args:
            after: what must be deployed before it runs: the policies that let it in.
        """
        args = self._args
        function = Function(
            self._name,
            FunctionArgs(
                description="Brings back records that were given up, or reads a range of the stream again.",
                handler=self.HANDLER,
                service="recovery",
                platform=args.platform,
                role=self._role,
                environment={**args.reader.environment(), "FAILURE_BUCKET": args.failures.bucket},
                timeout_seconds=_TIMEOUT_SECONDS,
                memory_megabytes=args.memory_megabytes,
                traced=True,
                needs=after,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.function = function.name
