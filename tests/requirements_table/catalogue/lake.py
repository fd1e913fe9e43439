"""Document 4: public APIs into a curated table and a dashboard. It has no ids: these follow its sections."""

from __future__ import annotations

from typing import Final

from requirements_table.catalogue.lake_around_the_path import AROUND_THE_PATH
from requirements_table.catalogue.requirement import Document, Requirement

_ON_AWS: Final = "Nothing was measured on AWS."

LAKE: Final = Document(
    number=4,
    title="API data lake",
    prefix="LAKE",
    requirements={
        # 1. Ingestion service
        "LAKE-INGEST-01": Requirement("Every five minutes, by a rule", ("components/lake/ingestion.py",)),
        "LAKE-INGEST-02": Requirement(
            "Two public APIs are fetched", ("baler/lake/sources.toml", "runtime/lake/ingestion/")
        ),
        "LAKE-INGEST-03": Requirement(
            "Raw answers under source and date, named by time and content",
            ("baler/lake/raw_key.py", "runtime/lake/aws/raw_bucket.py"),
        ),
        "LAKE-INGEST-04": Requirement(
            "Key, hash, source and count of each reach curation (as metadata of the object, which S3 announces)",
            ("baler/lake/raw_key.py", "baler/lake/announcement.py"),
        ),
        # 2. Processing service
        "LAKE-CURATE-01": Requirement(
            "Records are normalised, each source in its own way", ("baler/lake/normalise.py", "baler/lake/sources.py")
        ),
        "LAKE-CURATE-02": Requirement(
            "Inserted once, by a condition; a replay of messages is safe",
            ("runtime/lake/curation/", "runtime/lake/aws/record_writes.py"),
        ),
        "LAKE-CURATE-03": Requirement(
            "A fingerprint for each record, against doubles (SHA-256, where the document has MD5)",
            ("baler/lake/normalise.py",),
        ),
        "LAKE-CURATE-04": Requirement(
            "A dead-letter queue after three tries", ("components/lake/stores.py", "runtime/lake/curation/")
        ),
        # 3. Storage layer
        "LAKE-STORE-01": Requirement(
            "Raw: encrypted, versioned, partitioned, never deleted", ("components/lake/raw_bucket.py",)
        ),
        "LAKE-STORE-02": Requirement(
            "Curated: by id, and by source and time of capture", ("components/lake/record_table.py",)
        ),
        "LAKE-STORE-03": Requirement(
            "Curated: the attributes of a record", ("runtime/lake/aws/record_writes.py", "baler/lake/aws/")
        ),
        # 4. Messaging
        "LAKE-QUEUE-01": Requirement(
            "Batches of ten, visibility by the function's time-out (six of it: one would hand out messages twice)",
            ("components/lake/curation.py", "components/lake/timing.py"),
        ),
        "LAKE-QUEUE-02": Requirement("The message's fields", ("baler/lake/raw_key.py",)),
        # 5. API service
        "LAKE-API-01": Requirement("GET /records: limit, source, pages", ("runtime/lake/api/",)),
        "LAKE-API-02": Requirement("GET /records/{id}: one record, or 404", ("runtime/lake/api/",)),
        "LAKE-API-03": Requirement(
            "GET /analytics: totals, by source, by day, the last seven days", ("runtime/lake/api/",)
        ),
        "LAKE-API-04": Requirement("CORS, and an access log as JSON", ("components/lake/http_api.py",)),
        # 6. Frontend
        "LAKE-WEB-01": Requirement("Dashboard: totals, records by source, ingestion over time", ("dashboard/",)),
        "LAKE-WEB-02": Requirement("List of records: pages, filter by source", ("dashboard/",)),
        "LAKE-WEB-03": Requirement("A record: all of it, and its raw JSON", ("dashboard/",)),
        "LAKE-WEB-04": Requirement("Errors in words that a user understands", ("dashboard/",)),
        # Data flow
        "LAKE-FLOW-01": Requirement(
            "From the source to the chart in half a minute",
            ("baler/lake/objectives.py", "sandbox/demo/lake/"),
            "The demo measures it on LocalStack; nothing was measured on AWS.",
        ),
        **AROUND_THE_PATH,
    },
)
