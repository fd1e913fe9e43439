"""The registrar: the function that keeps the register of what is in the archive, and the schedule that invokes it."""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.function import Function, FunctionArgs
from components.blocks.function_platform import FunctionPlatform
from components.blocks.function_role import FunctionRole
from components.blocks.schedule import Schedule
from components.files.archive_bucket import ArchiveBucket

# An hour's page is due 20 minutes after the hour; most runs find nothing to do.
_EVERY: Final = "rate(15 minutes)"
# A run ends before the next one starts.
_TIMEOUT_SECONDS: Final = 870
# An hour of 360 manifests takes a second or two; a page of 1,000 listed objects a quarter of one at this size.
_MEMORY_MEGABYTES: Final = 512
# The next run comes soon enough; what waited longer than that for a place is of no use to anybody.
_RETRIES: Final = 0
_EVENT_AGE_SECONDS: Final = 900


@dataclass(frozen=True, kw_only=True)
class RegistrarArgs:
    """What is registered, and what it runs on."""

    archive: ArchiveBucket
    platform: FunctionPlatform


class Registrar(pulumi.ComponentResource):
    """A function that lists the archive, reads manifests, adds pages to the register, and reads no bundle."""

    HANDLER: Final = "runtime.files.registrar.handler.handle"

    def __init__(self, name: str, args: RegistrarArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:registrar:Registrar", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = FunctionRole(
            name,
            args.archive.grant_register(),
            description="Assumed by the registrar.",
            platform=args.platform,
            opts=child,
        )
        function = Function(
            name,
            FunctionArgs(
                description="Registers archived bundles and their files, in pages that are chained by hashes.",
                handler=self.HANDLER,
                service="registrar",
                platform=args.platform,
                role=role,
                environment={"ARCHIVE_BUCKET": args.archive.bucket},
                timeout_seconds=_TIMEOUT_SECONDS,
                memory_megabytes=_MEMORY_MEGABYTES,
            ),
            child,
        )
        aws.lambda_.FunctionEventInvokeConfig(
            name,
            function_name=function.name,
            maximum_retry_attempts=_RETRIES,
            maximum_event_age_in_seconds=_EVENT_AGE_SECONDS,
            opts=child,
        )
        Schedule(name, function, rate=_EVERY, opts=child)
        self.function = function.name
        self.role_arn = role.arn
        self.log_group = role.log_group
        self.register_outputs({"function": self.function, "log_group": self.log_group})
