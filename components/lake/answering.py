"""The function behind the HTTP API."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from components.blocks.function import Function, FunctionAlias, FunctionArgs
from components.blocks.function_platform import FunctionPlatform
from components.blocks.function_role import FunctionRole, grant_trace
from components.lake.counter_table import CounterTable
from components.lake.declared import FILE
from components.lake.ingestion import ALIAS
from components.lake.record_table import RecordTable
from components.lake.retention_settings import RetentionSettings
from components.lake.source_table import SourceTable
from components.watch.rollout import ShiftedAlias

_ROLLOUT: Final = "api-rollout"


@dataclass(frozen=True, kw_only=True)
class AnsweringArgs:
    """What is read, and how."""

    records: RecordTable
    counters: CounterTable
    sources: SourceTable
    platform: FunctionPlatform
    settings: RetentionSettings
    shifted: bool
    """Whether a deployment moves the alias from version to version; else an update does."""


class Answering(pulumi.ComponentResource):
    """A function with a role and a log of its own, behind the alias `live` that the API invokes. It changes nothing."""

    HANDLER: Final = "runtime.lake.api.handler.handle"

    def __init__(self, name: str, args: AnsweringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:answering:Answering", name, None, opts)
        self._name = name
        self._args = args
        self._role = FunctionRole(
            name,
            [
                *args.records.grant_answer(),
                *args.counters.grant_answer(),
                *args.sources.grant_sign(),
                *grant_trace(),
            ],
            description="Assumed by the function behind the API.",
            platform=args.platform,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.log_group = self._role.log_group
        self.role_arn = self._role.arn
        self.register_outputs({"log_group": self.log_group, "role_arn": self.role_arn})

    def run(self, *, after: Sequence[pulumi.Resource]) -> FunctionAlias:
        """Publish the function; return what answers.

        Args:
            after: what must be deployed before there is a new version.
        """
        name, args, settings = self._name, self._args, self._args.settings
        function = Function(
            name,
            FunctionArgs(
                description="Answers requests for records, and says how many there are.",
                handler=self.HANDLER,
                service="api",
                platform=args.platform,
                role=self._role,
                environment=_environment(args),
                files={FILE: settings.declared.text},
                timeout_seconds=settings.api_timeout_seconds,
                memory_megabytes=settings.api_memory_megabytes,
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
        return function.alias(ALIAS, shifted=args.shifted)


def _environment(args: AnsweringArgs) -> dict[str, pulumi.Input[str]]:
    """Return what `runtime/lake/api/environment.py` reads."""
    return {
        "RECORDS_TABLE": args.records.table,
        "COUNTERS_TABLE": args.counters.table,
        "SOURCES_TABLE": args.sources.table,
        "SOURCES_FILE": FILE,
        "OPEN_ORIGINS": " ".join(args.settings.open_origins),
        "RETENTION_DAYS": str(args.settings.record_retention_days),
    }
