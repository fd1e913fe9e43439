"""Document 2: bundles are sent to NiFi. REQ and NFR are its own ids; the others follow its sections."""

from __future__ import annotations

from typing import Final

from requirements_table.catalogue.requirement import Document, Requirement

_ON_AWS: Final = "Nothing has been measured on AWS."

PUSH: Final = Document(
    number=2,
    title="file pipeline, push to NiFi",
    prefix="PUSH",
    requirements={
        # 2. Business & functional requirements
        "PUSH-REQ-01": Requirement("Data ingestion", same_as="PULL-REQ-01"),
        "PUSH-REQ-02": Requirement("Data aggregation", same_as="PULL-REQ-02"),
        "PUSH-REQ-03": Requirement("Data compression", same_as="PULL-REQ-03"),
        "PUSH-REQ-04": Requirement(
            "Secure delivery", ("runtime/files/courier/", "runtime/files/receivers/http/", "nifi/baler-receiver.json")
        ),
        "PUSH-REQ-05": Requirement("Data archival", same_as="PULL-REQ-05"),
        # 3. Non-functional requirements
        "PUSH-NFR-01": Requirement("Availability", same_as="PULL-NFR-01"),
        "PUSH-NFR-02": Requirement(
            "Latency (SLO), to the receiver's acknowledgement",
            ("components/files/timing.py", "runtime/files/courier/"),
            _ON_AWS,
        ),
        "PUSH-NFR-03": Requirement("Durability / retention", same_as="PULL-NFR-03"),
        "PUSH-NFR-04": Requirement(
            "Resilience & backlog: an outage backs up in the mailbox, not in the queue",
            ("components/files/distribution_bucket.py", "runtime/files/courier/"),
        ),
        "PUSH-NFR-05": Requirement("Scalability", same_as="PULL-NFR-05"),
        "PUSH-NFR-06": Requirement(
            "Security: TLS 1.2 to the receiver, its credentials and their rotation; the rest is PULL-NFR-06",
            ("components/blocks/secret.py", "runtime/files/receivers/"),
        ),
        "PUSH-NFR-07": Requirement("Observability", same_as="PULL-NFR-07"),
        "PUSH-NFR-08": Requirement(
            "Resilience / fault tolerance: fail fast, resume by itself",
            ("baler/files/courier/breaker.py", "runtime/files/courier/"),
        ),
        "PUSH-NFR-09": Requirement(
            "Data integrity: the receiver checks the hash",
            ("runtime/files/receivers/http/receiver.py", "nifi/baler-receiver.json"),
        ),
        "PUSH-NFR-10": Requirement("Network security", same_as="PULL-NFR-10"),
        # 1. Executive summary
        "PUSH-SUM-01": Requirement(
            "99.9% of the files are delivered within 3 minutes", ("runtime/files/courier/",), _ON_AWS
        ),
        # 4. Proposed architecture
        "PUSH-ARCH-01": Requirement(
            "The bundle is archived before it is delivered", ("runtime/files/aggregator/attempt.py",)
        ),
        "PUSH-ARCH-02": Requirement(
            "Decoupled: what fails to be delivered holds up nothing before it (the courier is a function of its own)",
            ("components/files/delivery/", "runtime/files/courier/courier.py"),
        ),
        # 5.1 Confidentiality
        "PUSH-SEC-01": Requirement(
            "Encryption in transit",
            (
                "components/blocks/bucket_policy.py",
                "runtime/files/receivers/http/identity.py",
                "nifi/baler-receiver.json",
            ),
        ),
        "PUSH-SEC-02": Requirement(
            "Encryption at rest",
            ("components/blocks/secure_bucket.py", "components/blocks/table.py", "components/files/ingest_queue.py"),
        ),
        "PUSH-SEC-03": Requirement(
            "Secrets management",
            (
                "components/blocks/secret.py",
                "runtime/files/receivers/credentials.py",
                "runtime/files/aws/secrets.py",
                "nifi/baler-receiver.json",
            ),
        ),
        "PUSH-SEC-04": Requirement(
            "Least privilege", ("components/blocks/function_role.py", "components/files/delivery/courier/courier.py")
        ),
        "PUSH-SEC-05": Requirement("Restricted third-party access", ("components/files/external_party.py",)),
        "PUSH-SEC-06": Requirement(
            "Secure VPC egress: the receiver's address and port, and the endpoints", ("components/network/outlet.py",)
        ),
        "PUSH-SEC-07": Requirement(
            "Sanitized application logging",
            ("runtime/files/aggregator/observability.py", "runtime/files/courier/observability.py"),
        ),
        # 5.2 Integrity
        "PUSH-INT-01": Requirement(
            "End-to-end hashing: one hash in the metadata and in X-Content-SHA256",
            (
                "runtime/files/aws/buckets.py",
                "runtime/files/aws/mailbox.py",
                "runtime/files/receivers/http/receiver.py",
            ),
        ),
        "PUSH-INT-02": Requirement("Object versioning", ("components/blocks/secure_bucket.py",)),
        "PUSH-INT-03": Requirement(
            "Hardened bucket policy", ("components/files/landing_bucket.py", "components/files/archive_bucket.py")
        ),
        "PUSH-INT-04": Requirement(
            "Integrity of the infrastructure's code (a policy pack in place of tfsec)",
            ("policy/",),
            "Branch protection and reviews are settings of the repository's host.",
        ),
        # 5.3 Availability
        "PUSH-AVAIL-01": Requirement("Buffered ingestion, 4 days", ("components/files/ingest_queue.py",)),
        "PUSH-AVAIL-02": Requirement(
            "Circuit breaker, its changes atomic, time-outs among its failures",
            ("baler/files/courier/breaker.py", "baler/files/aws/courier_table.py"),
        ),
        "PUSH-AVAIL-03": Requirement("Bursts", ("components/files/aggregator.py",), _ON_AWS),
        "PUSH-AVAIL-04": Requirement(
            "Partial batch failures", ("runtime/files/aggregator/handler.py", "components/files/aggregator.py")
        ),
        "PUSH-AVAIL-05": Requirement(
            "Denial of wallet", ("components/files/alarms/queue.py", "components/watch/cost_budget.py")
        ),
        "PUSH-AVAIL-06": Requirement("Dead-letter queue", ("components/files/ingest_queue.py",)),
        # 6. Implementation & operations plan
        "PUSH-PLAN-01": Requirement(
            "Landing bucket of 7 days, archive to Deep Archive",
            ("components/files/landing_bucket.py", "components/files/archive_bucket.py"),
        ),
        "PUSH-PLAN-02": Requirement(
            "Batch, bundle, hash, archive, deliver (bundles above a size on disk, not in memory)",
            ("runtime/files/aggregator/batch.py", "runtime/files/courier/courier.py"),
        ),
        "PUSH-PLAN-03": Requirement("End-to-end and fault tests", same_as="PUSH-E2E-02"),
        "PUSH-PLAN-04": Requirement("Blue/green deployment", ("components/watch/rollout.py",)),
        "PUSH-PLAN-05": Requirement("Alarms, composite and anomaly ones", ("components/files/alarms/",)),
        "PUSH-PLAN-06": Requirement(
            "Replay: a runbook and a command; it goes to the receiver by the mailbox, under an id of its own",
            ("baler/commands/replay/", "docs/runbooks/replay.md"),
        ),
        # 7. High-level cost estimate
        "PUSH-COST-01": Requirement("Cost beside the document's lines", ("baler/commands/cost/",)),
        "PUSH-COST-02": Requirement("Functions on Arm", ("components/files/settings.py",)),
        # 8.1 Guiding principles
        "PUSH-TEST-01": Requirement("Test for failure", same_as="PUSH-NFR-08"),
        "PUSH-TEST-02": Requirement("Automate everything", (".ci/run", "Makefile")),
        "PUSH-TEST-03": Requirement("Staging is a replica of production", ("Pulumi.staging.yaml", "Pulumi.prod.yaml")),
        # 8.2 Unit testing
        "PUSH-UNIT-01": Requirement("A batch of S3 events", ("runtime/files/aggregator/handler.py",)),
        "PUSH-UNIT-02": Requirement("X-Content-SHA256", ("runtime/files/receivers/http/receiver.py",)),
        "PUSH-UNIT-03": Requirement("A file that was processed is skipped", ("baler/files/claims/",)),
        "PUSH-UNIT-04": Requirement("The messages that failed are named", ("runtime/files/aggregator/handler.py",)),
        # 8.3 Integration testing
        "PUSH-INTEG-01": Requirement("An object becomes a message", ("components/files/ingest_queue.py",)),
        "PUSH-INTEG-02": Requirement(
            "The function's permissions are enforced", ("components/blocks/function_role.py",)
        ),
        "PUSH-INTEG-03": Requirement("Batch size and window", ("components/files/aggregator.py",)),
        "PUSH-INTEG-04": Requirement(
            "TTL of the idempotency table (an item that has expired counts as gone before DynamoDB deletes it)",
            ("baler/files/aws/claim_table.py",),
        ),
        # 8.4 End-to-end & fault tolerance testing
        "PUSH-E2E-01": Requirement("Archive test", ("runtime/files/aws/buckets.py",)),
        "PUSH-E2E-02": Requirement("Circuit breaker test", ("baler/files/courier/breaker.py",)),
        "PUSH-E2E-03": Requirement(
            "Dead letters and poison; a bundle that the receiver refuses is set aside",
            ("components/files/ingest_queue.py", "runtime/files/courier/"),
        ),
        "PUSH-E2E-04": Requirement("Security control test", ("components/blocks/function_role.py",)),
        "PUSH-E2E-05": Requirement("Replay test", ("baler/commands/replay/",)),
        # 8.5 Load & performance testing
        "PUSH-LOAD-01": Requirement("Baseline load", ("loadtest/",), _ON_AWS),
        "PUSH-LOAD-02": Requirement("Burst load", ("loadtest/",), _ON_AWS),
        "PUSH-LOAD-03": Requirement(
            "Soak test",
            ("loadtest/", "runtime/files/courier/"),
            "Of the courier over hundreds of bundles; `make loadtest SHAPE=soak` takes hours, and is no part of CI.",
        ),
        "PUSH-LOAD-04": Requirement(
            "Power tuning: a sweep of memory sizes by `make bench`, in place of the state machine",
            ("benchmarks/power.py", "benchmarks/throttle.py"),
            _ON_AWS,
        ),
    },
)
