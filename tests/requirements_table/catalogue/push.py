"""Document 2: bundles are sent to NiFi. Its ids are the document's own; half of them are document 1's once more."""

from __future__ import annotations

from typing import Final

from requirements_table.catalogue.requirement import Document, Requirement

_NOT_BUILT: Final = "The delivery `http` is not built yet."

PUSH: Final = Document(
    number=2,
    title="file pipeline, push to NiFi",
    prefix="PUSH",
    requirements={
        "PUSH-REQ-01": Requirement("Data ingestion", same_as="PULL-REQ-01"),
        "PUSH-REQ-02": Requirement("Data aggregation", same_as="PULL-REQ-02"),
        "PUSH-REQ-03": Requirement("Data compression", same_as="PULL-REQ-03"),
        "PUSH-REQ-04": Requirement("Secure delivery", missing=_NOT_BUILT),
        "PUSH-REQ-05": Requirement("Data archival", same_as="PULL-REQ-05"),
        "PUSH-NFR-01": Requirement("Availability", same_as="PULL-NFR-01"),
        "PUSH-NFR-02": Requirement("Latency (SLO)", missing=f"{_NOT_BUILT} Until the mailbox it is PULL-NFR-02."),
        "PUSH-NFR-03": Requirement("Durability / retention", same_as="PULL-NFR-03"),
        "PUSH-NFR-04": Requirement(
            "Resilience & backlog",
            missing=f"{_NOT_BUILT} The mailbox that will hold its backlog is there (PULL-NFR-04).",
        ),
        "PUSH-NFR-05": Requirement("Scalability", same_as="PULL-NFR-05"),
        "PUSH-NFR-06": Requirement(
            "Security", missing=f"{_NOT_BUILT} The rest is PULL-NFR-06; there is no secret of a receiver yet."
        ),
        "PUSH-NFR-07": Requirement("Observability", same_as="PULL-NFR-07"),
        "PUSH-NFR-08": Requirement(
            "Resilience / fault tolerance", missing=f"{_NOT_BUILT} There is no circuit breaker yet."
        ),
        "PUSH-NFR-09": Requirement(
            "Data integrity", missing=f"{_NOT_BUILT} The hash that it will send is in the metadata (PULL-NFR-09)."
        ),
        "PUSH-NFR-10": Requirement("Network security", same_as="PULL-NFR-10"),
    },
)
