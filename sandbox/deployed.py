"""A deployed stack as its users see it: what the program exports, and a view of it for each pipeline."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.engine.deployment import Resources


@dataclass(frozen=True)
class DeployedStack:
    """A deployed stack.

    Attributes:
        endpoint: URL of the LocalStack that it is on.
        region: AWS's name of it.
        name: the stack's.
        config: what it is deployed with, by qualified key, as `pulumi config get` prints it.
        alarm_topic_arn: where its alarms go.
        outputs: all that the program exports, by the names of `pulumi stack output`.
        resources: what the built-in engine begins with when it deploys the stack again.
    """

    endpoint: str
    region: str
    name: str
    config: Mapping[str, str] = field(repr=False)
    alarm_topic_arn: str
    outputs: Mapping[str, Any]
    resources: Resources = field(repr=False)


@dataclass(frozen=True)
class DeployedCourier:
    """What a stack with a pushed delivery has besides.

    Attributes:
        function: the courier's name.
        log_group: where it writes.
        table: its lease, breaker and receipts.
        secret: ARN of what it shows the receiver.
    """

    function: str
    log_group: str
    table: str
    secret: str


@dataclass(frozen=True)
class DeployedFiles(DeployedStack):
    """The file pipeline of a stack, by the names that the program gives its outputs.

    Attributes:
        consumer_role_arn: "" where the delivery is pushed.
        courier: None where a consumer pulls.
    """

    landing_bucket: str
    archive_bucket: str
    distribution_bucket: str
    ingest_queue_url: str
    dead_letter_queue_url: str
    claim_table: str
    aggregator_function: str
    aggregator_log_group: str
    consumer_role_arn: str
    external_party_role_arn: str
    courier: DeployedCourier | None

    @property
    def ingest_queue_urls(self) -> list[str]:
        """Of all lanes of the ingest queue."""
        return str(self.outputs.get("filesIngestQueueUrls", self.ingest_queue_url)).split()


@dataclass(frozen=True)
class DeployedEvents(DeployedStack):
    """The event stream of a stack, by the names that the program gives its outputs."""

    stream: str
    stream_arn: str
    processor_function: str
    processor_log_group: str
    processor_mapping: str
    transformer_function: str
    transformer_log_group: str
    compactor_function: str
    compactor_log_group: str
    raw_bucket: str
    processed_bucket: str
    compacted_bucket: str
    failure_bucket: str
    transform_queue_url: str
    transform_dead_letter_queue_url: str
    compaction_queue_url: str
    compaction_dead_letter_queue_url: str
    progress_table: str
    batch_table: str
    database: str
    table: str
    producer_role_arn: str


@dataclass(frozen=True)
class DeployedLake(DeployedStack):
    """The lake of a stack, by the names that the program gives its outputs.

    Attributes:
        versions_table: "" where no versions are kept.
        site_bucket: "" where there is no dashboard.
        dashboard_url: "" where there is none, and where nothing serves it.
        source_secrets: ARNs by the names of sources.
    """

    raw_bucket: str
    curation_queue_url: str
    curation_dead_letter_queue_url: str
    records_table: str
    counters_table: str
    sources_table: str
    versions_table: str
    ingestion_function: str
    ingestion_log_group: str
    curation_function: str
    curation_log_group: str
    api_function: str
    api_log_group: str
    api_url: str
    api_id: str
    access_log_group: str
    schedule_rule: str
    source_secrets: Mapping[str, str]
    site_bucket: str
    dashboard_url: str


def files_of(stack: DeployedStack) -> DeployedFiles:
    """Return the file pipeline of a stack that has one."""
    outputs = stack.outputs
    return DeployedFiles(
        **_shared(stack),
        landing_bucket=outputs["filesLandingBucket"],
        archive_bucket=outputs["filesArchiveBucket"],
        distribution_bucket=outputs["filesDistributionBucket"],
        ingest_queue_url=outputs["filesIngestQueueUrl"],
        dead_letter_queue_url=outputs["filesDeadLetterQueueUrl"],
        claim_table=outputs["filesClaimTable"],
        aggregator_function=outputs["filesAggregatorFunction"],
        aggregator_log_group=outputs["filesAggregatorLogGroup"],
        consumer_role_arn=outputs.get("filesConsumerRoleArn", ""),
        external_party_role_arn=outputs["filesExternalPartyRoleArn"],
        courier=_courier(outputs) if "filesCourierFunction" in outputs else None,
    )


def events_of(stack: DeployedStack) -> DeployedEvents:
    """Return the event stream of a stack that has one."""
    names = _own(DeployedEvents)
    return DeployedEvents(**_shared(stack), **{name: stack.outputs[_exported("events", name)] for name in names})


def lake_of(stack: DeployedStack) -> DeployedLake:
    """Return the lake of a stack that has one."""
    absent: dict[str, Any] = dict.fromkeys(("versions_table", "site_bucket", "dashboard_url"), "")
    found: dict[str, Any] = {
        name: stack.outputs[exported]
        for name in _own(DeployedLake)
        if (exported := _exported("lake", name)) in stack.outputs or name not in absent
    }
    return DeployedLake(**_shared(stack), **absent | found)


def _own(pipeline: type[DeployedStack]) -> list[str]:
    shared = {field.name for field in fields(DeployedStack)}
    return [field.name for field in fields(pipeline) if field.name not in shared]


def _shared(stack: DeployedStack) -> dict[str, Any]:
    return {field.name: getattr(stack, field.name) for field in fields(DeployedStack)}


def _exported(pipeline: str, name: str) -> str:
    return pipeline + "".join(part.capitalize() for part in name.split("_"))


def _courier(outputs: Mapping[str, Any]) -> DeployedCourier:
    return DeployedCourier(
        function=outputs["filesCourierFunction"],
        log_group=outputs["filesCourierLogGroup"],
        table=outputs["filesCourierTable"],
        secret=outputs["filesReceiverSecret"],
    )
