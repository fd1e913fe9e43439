"""Document 3, a guide to code: bundles go into an S3-compatible store. It has no ids: these follow its sections."""

from __future__ import annotations

from typing import Final

from requirements_table.catalogue.requirement import Document, Requirement

MINIO: Final = Document(
    number=3,
    title="file pipeline, push into an S3-compatible store",
    prefix="MINIO",
    requirements={
        # 1. High-level architecture
        "MINIO-ARCH-01": Requirement("Files reach the function through a queue", same_as="PULL-REQ-02"),
        "MINIO-ARCH-02": Requirement("What keeps failing ends in a dead-letter queue", same_as="PULL-NFR-08"),
        "MINIO-ARCH-03": Requirement(
            "Batches are pushed into the store over a private network",
            ("components/network/outlet.py", "components/files/delivery/s3/", "runtime/files/receivers/s3/"),
            "Nothing ran against a store on the premises: `make test-store` tries SeaweedFS, or any that it is given.",
        ),
        "MINIO-ARCH-04": Requirement(
            "Credentials of the store from Secrets Manager",
            (
                "components/files/delivery/courier/",
                "runtime/files/aws/secrets.py",
                "runtime/files/receivers/credentials.py",
                "runtime/files/receivers/s3/keys.py",
            ),
        ),
        "MINIO-ARCH-05": Requirement("Metrics and alarms", same_as="PULL-NFR-07"),
        # 2.1 app.py, handler and batch processing
        "MINIO-HANDLER-01": Requirement(
            "One bad message keeps no other back (decision 27: without the guide's batch processor)",
            ("runtime/files/aggregator/handler.py",),
        ),
        "MINIO-HANDLER-02": Requirement(
            "No message is logged",
            ("runtime/files/aggregator/handler.py", "runtime/files/aggregator/observability.py"),
        ),
        # 2.1 app.py, concurrent archiving
        "MINIO-ARCHIVE-01": Requirement(
            "Files are fetched in parallel and streamed into the archive by one writer",
            ("runtime/files/aws/landing.py", "baler/files/bundle/writer.py"),
        ),
        "MINIO-ARCHIVE-02": Requirement(
            "Time-outs by what is left of the invocation, and no thread left behind",
            (
                "runtime/files/aggregator/attempt.py",
                "runtime/files/aggregator/phases.py",
                "runtime/files/aws/landing.py",
            ),
        ),
        "MINIO-ARCHIVE-03": Requirement(
            "Back-pressure: no more is fetched ahead than memory allows (by bytes; the guide counts files)",
            ("runtime/files/aws/landing.py",),
        ),
        "MINIO-ARCHIVE-04": Requirement(
            "A small archive stays in memory, a large one goes to disk", ("baler/files/bundle/writer.py",)
        ),
        "MINIO-ARCHIVE-05": Requirement(
            "A writer that fails ends the fetchers, and frees what they had", ("runtime/files/aws/landing.py",)
        ),
        # 2.1 app.py, data integrity and upload
        "MINIO-INTEGRITY-01": Requirement("SHA-256 of the whole archive in its metadata", same_as="PULL-NFR-09"),
        "MINIO-INTEGRITY-02": Requirement(
            "The store's object has `sha256_checksum` in its metadata (decision 30: by the put, no second step)",
            ("runtime/files/receivers/s3/requests.py", "runtime/files/receivers/s3/put.py"),
        ),
        "MINIO-INTEGRITY-03": Requirement(
            "The archive is hashed while it streams: as it is written, and once more on its way to the store",
            ("baler/files/bundle/writer.py", "runtime/files/aws/mailbox.py"),
        ),
        # 2.2 core.py
        "MINIO-CORE-01": Requirement(
            "A file is claimed by one conditional write", ("baler/files/aws/claim_table.py", "baler/files/claims/")
        ),
        "MINIO-CORE-02": Requirement("Partition keys begin with a hash", ("baler/files/claims/model.py",)),
        # 2.3 clients.py
        "MINIO-CLIENTS-01": Requirement(
            "Clients from one place, with one configuration of retries",
            ("runtime/files/aws/clients.py",),
        ),
        "MINIO-CLIENTS-02": Requirement(
            "A guard against mocks in production (what is deployed can import none, and no variable switches to one)",
            (".importlinter",),
        ),
        "MINIO-CLIENTS-03": Requirement(
            "A custom endpoint, region or credentials are said in one place", ("runtime/files/aws/clients.py",)
        ),
    },
)
