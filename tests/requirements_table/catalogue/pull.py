"""Document 1: files are pulled from the mailbox. Its ids are the document's own."""

from __future__ import annotations

from typing import Final

from requirements_table.catalogue.requirement import Document, Requirement

PULL: Final = Document(
    number=1,
    title="file pipeline, pull",
    prefix="PULL",
    requirements={
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
        "PULL-REQ-05": Requirement(
            "Data archival", ("components/files/archive_bucket.py", "runtime/files/aws/buckets.py")
        ),
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
            "`make demo` checks it and `make loadtest` measures it on LocalStack; nothing has been measured on AWS.",
        ),
        "PULL-NFR-03": Requirement(
            "Durability / retention", ("components/files/landing_bucket.py", "components/files/archive_bucket.py")
        ),
        "PULL-NFR-04": Requirement(
            "Resilience & backlog",
            ("components/files/distribution_bucket.py", "baler/commands/consume/"),
        ),
        "PULL-NFR-05": Requirement(
            "Scalability",
            ("components/files/aggregator.py", "runtime/files/aws/landing.py"),
            "`make loadtest` runs 10 and 100 files a second on LocalStack; nothing has been measured on AWS.",
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
                "components/files/alarms/",
                "components/watch/",
                "components/files/dashboard.py",
            ),
        ),
        "PULL-NFR-08": Requirement(
            "Resilience / fault tolerance", ("baler/files/claims/", "runtime/files/aggregator/", "baler/aws/faults.py")
        ),
        "PULL-NFR-09": Requirement(
            "Data integrity",
            ("baler/files/bundle/writer.py", "runtime/files/aws/buckets.py", "baler/commands/consume/"),
        ),
        "PULL-NFR-10": Requirement(
            "Network security",
            ("components/network/",),
            "LocalStack has no tunnels and enforces no network: what is built is checked as it is declared.",
        ),
    },
)
