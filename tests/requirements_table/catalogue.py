"""The requirements of document 1 (file pipeline, pull), and where each of them is built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Requirement:
    """One requirement.

    Attributes:
        title: as the document has it.
        components: the files and folders that build it, from the repository's root.
        missing: what is not built or not shown yet, as a sentence; empty where nothing is.
    """

    title: str
    components: tuple[str, ...] = ()
    missing: str = ""


REQUIREMENTS: Final = {
    "PULL-REQ-01": Requirement(
        "Data ingestion", ("components/files/landing_bucket.py", "components/files/external_party.py")
    ),
    "PULL-REQ-02": Requirement(
        "Data aggregation",
        ("components/files/ingest_queue.py", "components/files/aggregator.py", "runtime/files/aggregator/"),
    ),
    "PULL-REQ-03": Requirement("Data compression", ("baler/files/bundle/",)),
    "PULL-REQ-04": Requirement(
        "Secure staging", ("components/files/distribution_bucket.py", "runtime/files/aws/buckets.py")
    ),
    "PULL-REQ-05": Requirement("Data archival", ("components/files/archive_bucket.py", "runtime/files/aws/buckets.py")),
    "PULL-REQ-06": Requirement(
        "Consumption contract", ("components/files/delivery/pull/consumer.py", "baler/commands/consume/")
    ),
    "PULL-NFR-01": Requirement(
        "Availability",
        ("components/files/landing_bucket.py", "components/files/ingest_queue.py", "baler/files/claims/"),
        "The 99.99% of the ingestion endpoint is S3's own figure: nothing here measures it.",
    ),
    "PULL-NFR-02": Requirement(
        "Latency (SLO)",
        ("components/files/timing.py", "runtime/files/aggregator/backoff.py"),
        "The objective is kept by design and checked in the demo; there is no load test yet.",
    ),
    "PULL-NFR-03": Requirement(
        "Durability / retention", ("components/files/landing_bucket.py", "components/files/archive_bucket.py")
    ),
    "PULL-NFR-04": Requirement(
        "Resilience & backlog",
        ("components/files/distribution_bucket.py", "baler/commands/consume/"),
        "The backlog is kept and caught up with; the alarms on its number and age are not there yet.",
    ),
    "PULL-NFR-05": Requirement(
        "Scalability",
        ("components/files/aggregator.py", "runtime/files/aws/landing.py"),
        "Batches and concurrency scale; a load test of 10 and 100 files a second is not there yet.",
    ),
    "PULL-NFR-06": Requirement(
        "Security",
        (
            "components/blocks/secure_bucket.py",
            "components/blocks/function_role.py",
            "components/files/delivery/pull/consumer.py",
            "components/files/external_party.py",
        ),
        "Roles are checked as documents and by requests to the sandbox, never by AWS itself.",
    ),
    "PULL-NFR-07": Requirement(
        "Observability",
        (
            "runtime/files/aggregator/observability.py",
            "baler/emf.py",
            "runtime/files/mailbox_monitor/",
            "components/alarms/",
            "components/files/dashboard.py",
        ),
    ),
    "PULL-NFR-08": Requirement(
        "Resilience / fault tolerance", ("baler/files/claims/", "runtime/files/aggregator/", "baler/aws/faults.py")
    ),
    "PULL-NFR-09": Requirement(
        "Data integrity", ("baler/files/bundle/writer.py", "runtime/files/aws/buckets.py", "baler/commands/consume/")
    ),
    "PULL-NFR-10": Requirement(
        "Network security",
        ("components/network/",),
        "LocalStack has no tunnels and enforces no network: what is built is checked as it is declared.",
    ),
}
