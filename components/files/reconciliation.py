"""Reconciliation: the function that compares what landed with what was delivered, and the schedule that invokes it."""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.function_package import FunctionPackage
from components.blocks.function_role import FunctionRole
from components.blocks.schedule import Schedule
from components.files import timing
from components.files.claim_table import ClaimTable
from components.files.ingest_queue import IngestQueue
from components.files.landing_bucket import LandingBucket
from components.files.settings import FilesSettings
from components.network.function_access import FunctionAccess
from components.settings.shared import SharedSettings

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
    """What is compared, where files are announced again, and how it runs."""

    landing: LandingBucket
    claims: ClaimTable
    ingest: IngestQueue
    package: FunctionPackage
    access: FunctionAccess
    """Where it runs, of which it uses the ways to S3, DynamoDB and SQS."""

    shared: SharedSettings
    settings: FilesSettings


class Reconciliation(pulumi.ComponentResource):
    """A function that lists the landing bucket, reads claims and sends to the ingest queue, and reads no file."""

    HANDLER: Final = "runtime.files.reconciliation.handler.handle"

    def __init__(self, name: str, args: ReconciliationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:reconciliation:Reconciliation", name, None, opts)
        shared = args.shared
        child = pulumi.ResourceOptions(parent=self)
        # Made before the function: a group that Lambda makes itself keeps its log for ever.
        log_group = aws.cloudwatch.LogGroup(
            name, name=f"/aws/lambda/{name}", retention_in_days=shared.log_retention_days, opts=child
        )
        role = FunctionRole(
            name,
            [
                *args.landing.grant_list_versions(),
                *args.claims.grant_read_many(),
                *args.claims.grant_note_progress(),
                *args.ingest.grant_announce(),
                *args.ingest.grant_inspect(),
                *args.access.grant_connect(),
            ],
            description="Assumed by reconciliation.",
            log_group_arn=log_group.arn,
            opts=child,
        )
        function = aws.lambda_.Function(
            name,
            name=name,
            description="Compares landed files with claims and announces again what was not delivered.",
            role=role.arn,
            handler=self.HANDLER,
            runtime=f"python{shared.function_python}",
            architectures=[shared.function_architecture],
            code=pulumi.FileArchive(str(args.package.path)),
            source_code_hash=args.package.source_code_hash,
            timeout=_TIMEOUT_SECONDS,
            memory_size=_MEMORY_MEGABYTES,
            environment=aws.lambda_.FunctionEnvironmentArgs(variables=_environment(args)),
            logging_config=aws.lambda_.FunctionLoggingConfigArgs(
                log_format="JSON", log_group=log_group.name, application_log_level=shared.log_level
            ),
            vpc_config=args.access.vpc_config(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[role.policy, *args.access.ways]),
        )
        aws.lambda_.FunctionEventInvokeConfig(
            name,
            function_name=function.name,
            maximum_retry_attempts=_RETRIES,
            maximum_event_age_in_seconds=_EVENT_AGE_SECONDS,
            opts=child,
        )
        Schedule(name, function, rate=_EVERY, owner=self)
        self.function: pulumi.Output[str] = function.name
        self.log_group: pulumi.Output[str] = log_group.name
        self.register_outputs({"function": self.function, "log_group": self.log_group})


def _environment(args: ReconciliationArgs) -> dict[str, pulumi.Input[str]]:
    """Return what `runtime/files/reconciliation/handler.py` reads, and what Powertools reads."""
    shared, settings = args.shared, args.settings
    queue_max = timing.calm_queue_messages(files_per_second=settings.expected_per_second)
    return {
        "STACK": pulumi.get_stack(),
        "LANDING_BUCKET": args.landing.bucket,
        "CLAIM_TABLE": args.claims.table,
        "INGEST_QUEUE_URL": args.ingest.url,
        "CLAIM_LIFETIME_SECONDS": str(settings.claim_lifetime_seconds),
        "GRACE_SECONDS": str(timing.RECONCILIATION_GRACE_SECONDS),
        "QUEUE_MAX": str(queue_max),
        "POWERTOOLS_SERVICE_NAME": "reconciliation",
        "POWERTOOLS_LOG_LEVEL": shared.log_level,
    }
