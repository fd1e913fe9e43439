"""Ingestion: the function that asks the sources, and the schedule that invokes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.function import Function, FunctionArgs
from components.blocks.function_platform import FunctionPlatform
from components.blocks.function_role import FunctionRole, grant_trace
from components.blocks.schedule import Schedule
from components.lake.declared import FILE
from components.lake.ingestion_settings import IngestionSettings
from components.lake.raw_bucket import RawBucket
from components.lake.source_secrets import SourceSecrets
from components.lake.source_table import SourceTable
from components.watch.rollout import ShiftedAlias

ALIAS: Final = "live"
"""What invokes a function of this pipeline invokes: the version that is in use."""

# No longer than the parts of other roles, with which the longest name of a stack is within IAM's 64 characters.
_ROLLOUT: Final = "schedule-rollout"
# Of an event whose invocation failed, which a store of ours did: Lambda's own number, and its most.
_RETRIES: Final = 2


@dataclass(frozen=True, kw_only=True)
class IngestionArgs:
    """What ingestion works on, and how."""

    raw: RawBucket
    sources: SourceTable
    secrets: SourceSecrets
    platform: FunctionPlatform
    settings: IngestionSettings
    shifted: bool
    """Whether a deployment moves the alias from version to version; else an update does."""


class Ingestion(pulumi.ComponentResource):
    """A function with a role and a log of its own, behind the alias `live` that the schedule invokes."""

    HANDLER: Final = "runtime.lake.ingestion.handler.handle"

    def __init__(self, name: str, args: IngestionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:ingestion:Ingestion", name, None, opts)
        self._name = name
        self._args = args
        self._role = FunctionRole(
            name,
            [
                *args.raw.grant_put(),
                *args.sources.grant_fetch([source.name for source in args.settings.declared.sources]),
                *args.secrets.grant_read(),
                *grant_trace(),
            ],
            description="Assumed by the ingestion function.",
            platform=args.platform,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.log_group = self._role.log_group
        self.role_arn = self._role.arn
        self.role_name = self._role.name
        self.register_outputs({"log_group": self.log_group, "role_arn": self.role_arn})

    def run(self, *, after: Sequence[pulumi.Resource]) -> None:
        """Publish the function and let the schedule invoke it.

        Args:
            after: what must be deployed before there is a new version: the policies that let it in, and what knows the
                sources whose answers it puts.
        """
        name, args, settings = self._name, self._args, self._args.settings
        child = pulumi.ResourceOptions(parent=self)
        function = Function(
            name,
            FunctionArgs(
                description="Asks the sources, and puts what they answer into the raw bucket.",
                handler=self.HANDLER,
                service="ingestion",
                platform=args.platform,
                role=self._role,
                environment=_environment(args),
                files={FILE: settings.declared.text},
                timeout_seconds=settings.ingestion_timeout_seconds,
                memory_megabytes=settings.ingestion_memory_megabytes,
                traced=True,
                versioned=True,
                needs=after,
            ),
            child,
        )
        self.function = function.name
        self.shifted_alias = ShiftedAlias(
            rollout=_ROLLOUT, function=function.name, function_arn=function.arn, alias=ALIAS
        )
        alias = function.alias(ALIAS, shifted=args.shifted)
        aws.lambda_.FunctionEventInvokeConfig(
            name,
            function_name=alias.function,
            # Each alias has its own: one of the function counts for what invokes its newest version.
            qualifier=alias.name,
            maximum_retry_attempts=_RETRIES,
            maximum_event_age_in_seconds=settings.event_age_seconds,
            opts=child,
        )
        self.rule = Schedule(name, alias, rate=_rate(settings.schedule_minutes), opts=child).rule


def _rate(minutes: int) -> str:
    """Return an interval as EventBridge writes it, which refuses `1 minutes`."""
    return f"rate({minutes} minute{'s' if minutes > 1 else ''})"


def _environment(args: IngestionArgs) -> dict[str, pulumi.Input[str]]:
    """Return what `runtime/lake/ingestion/environment.py` reads."""
    return {
        "RAW_BUCKET": args.raw.bucket,
        "SOURCES_TABLE": args.sources.table,
        "SOURCES_FILE": FILE,
        "SOURCE_SECRETS": pulumi.Output.json_dumps(args.secrets.arns),
        "OPEN_ORIGINS": " ".join(args.settings.open_origins),
        "STALE_SECONDS": str(args.settings.stale_seconds),
    }
