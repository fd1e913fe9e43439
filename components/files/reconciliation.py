"""Reconciliation: the function that compares what landed with what was delivered, and the schedule that invokes it."""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.function import Function, FunctionArgs
from components.blocks.function_platform import FunctionPlatform
from components.blocks.function_role import FunctionRole
from components.blocks.schedule import Schedule
from components.files import timing
from components.files.claim_table import ClaimTable
from components.files.ingest_queue import IngestQueue
from components.files.landing_bucket import LandingBucket

# Most runs find that today's sweep is done, and end. One that is under way goes on nearly without a gap.
_EVERY: Final = "rate(15 minutes)"
# A run ends before the next one starts.
_TIMEOUT_SECONDS: Final = 870
# Parsing a page of 1,000 versions takes 0.1 s of a whole processor, and this is 0.58 of one: about 0.4 s a page.
_MEMORY_MEGABYTES: Final = 1024
# The next run comes soon enough; what waited longer than that for a place is of no use to anybody.
_RETRIES: Final = 0
_EVENT_AGE_SECONDS: Final = 900


@dataclass(frozen=True, kw_only=True)
class ReconciliationArgs:
    """What is compared, where files are announced again, and what it runs on."""

    landing: LandingBucket
    claims: ClaimTable
    ingest: IngestQueue
    platform: FunctionPlatform
    claim_lifetime_seconds: int
    expected_files_per_second: int
    """The load from which follows how many messages the queue may hold for a run to add any."""


class Reconciliation(pulumi.ComponentResource):
    """A function that lists the landing bucket, reads claims and sends to the ingest queue, and reads no file."""

    HANDLER: Final = "runtime.files.reconciliation.handler.handle"

    def __init__(self, name: str, args: ReconciliationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:reconciliation:Reconciliation", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = FunctionRole(
            name,
            [
                *args.landing.grant_list_versions(),
                *args.claims.grant_read_many(),
                *args.claims.grant_note_progress(),
                *args.ingest.grant_announce(),
                *args.ingest.grant_inspect(),
            ],
            description="Assumed by reconciliation.",
            platform=args.platform,
            opts=child,
        )
        function = Function(
            name,
            FunctionArgs(
                description="Compares landed files with claims and announces again what was not delivered.",
                handler=self.HANDLER,
                service="reconciliation",
                platform=args.platform,
                role=role,
                environment=_environment(args),
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
        self.log_group = role.log_group
        self.register_outputs({"function": self.function, "log_group": self.log_group})


def _environment(args: ReconciliationArgs) -> dict[str, pulumi.Input[str]]:
    """Return what `runtime/files/reconciliation/handler.py` reads."""
    return {
        "LANDING_BUCKET": args.landing.bucket,
        "CLAIM_TABLE": args.claims.table,
        "INGEST_QUEUE_URLS": args.ingest.urls,
        "CLAIM_LIFETIME_SECONDS": str(args.claim_lifetime_seconds),
        "GRACE_SECONDS": str(timing.RECONCILIATION_GRACE_SECONDS),
        "QUEUE_MAX": str(timing.calm_queue_messages(files_per_second=args.expected_files_per_second)),
    }
