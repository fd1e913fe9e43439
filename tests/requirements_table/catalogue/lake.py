"""Document 4: public APIs into a curated table and a dashboard. It has no ids: these follow its sections."""

from __future__ import annotations

from typing import Final

from requirements_table.catalogue.requirement import Document, Requirement


def _not_built(title: str) -> Requirement:
    return Requirement(title, missing="The lake is not built yet.")


LAKE: Final = Document(
    number=4,
    title="API data lake",
    prefix="LAKE",
    requirements={
        # 1. Ingestion service
        "LAKE-INGEST-01": _not_built("Every five minutes, by a rule"),
        "LAKE-INGEST-02": _not_built("Two public APIs are fetched"),
        "LAKE-INGEST-03": _not_built("Raw answers under source and date, named by time and content"),
        "LAKE-INGEST-04": _not_built("A message with key, hash, source and count for each"),
        # 2. Processing service
        "LAKE-CURATE-01": _not_built("Records are normalised, each source in its own way"),
        "LAKE-CURATE-02": _not_built("Inserted once, by a condition; a replay of messages is safe"),
        "LAKE-CURATE-03": _not_built("A fingerprint for each record, against doubles"),
        "LAKE-CURATE-04": _not_built("A dead-letter queue after three tries"),
        # 3. Storage layer
        "LAKE-STORE-01": _not_built("Raw: encrypted, versioned, partitioned, never deleted"),
        "LAKE-STORE-02": _not_built("Curated: by id, and by source and time of capture"),
        "LAKE-STORE-03": _not_built("Curated: the attributes of a record"),
        # 4. Messaging
        "LAKE-QUEUE-01": _not_built("Batches of ten, visibility by the function's time-out"),
        "LAKE-QUEUE-02": _not_built("The message's fields"),
        # 5. API service
        "LAKE-API-01": _not_built("GET /records: limit, source, pages"),
        "LAKE-API-02": _not_built("GET /records/{id}: one record, or 404"),
        "LAKE-API-03": _not_built("GET /analytics: totals, by source, by day, the last seven days"),
        "LAKE-API-04": _not_built("CORS, and an access log as JSON"),
        # 6. Frontend
        "LAKE-WEB-01": _not_built("Dashboard: totals, records by source, ingestion over time"),
        "LAKE-WEB-02": _not_built("List of records: pages, filter by source"),
        "LAKE-WEB-03": _not_built("A record: all of it, and its raw JSON"),
        "LAKE-WEB-04": _not_built("Errors in words that a user understands"),
        # Data flow
        "LAKE-FLOW-01": _not_built("From the source to the chart in half a minute"),
        # Security model
        "LAKE-SEC-01": _not_built("A role for each function, without wildcards in resources"),
        "LAKE-SEC-02": _not_built("Encrypted at rest and in transit"),
        "LAKE-SEC-03": _not_built("No VPC"),
        # Scalability and performance
        "LAKE-SCALE-01": _not_built("Scales by itself: batches, capacity on demand, queries by index"),
        "LAKE-SCALE-02": _not_built("Tries again, dead letters, versions: nothing is lost by a fault"),
        # Observability strategy
        "LAKE-OBS-01": _not_built("Structured logs, kept for a time that is set"),
        "LAKE-OBS-02": _not_built("Metrics: records ingested and processed, errors, latency of the API"),
        "LAKE-OBS-03": _not_built("Alarms: error rate, depth of the queue, throttles"),
        "LAKE-OBS-04": _not_built("Tracing"),
    },
)
