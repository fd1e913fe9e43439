"""Document 4 from its security model on: what surrounds the path of a record."""

from __future__ import annotations

from typing import Final

from requirements_table.catalogue.requirement import Requirement

AROUND_THE_PATH: Final = {
    # Security model
    "LAKE-SEC-01": Requirement(
        "A role for each function, without wildcards in resources",
        ("components/lake/ingestion.py", "components/lake/curation.py", "components/lake/answering.py"),
    ),
    "LAKE-SEC-02": Requirement(
        "Encrypted at rest and in transit",
        ("components/lake/raw_bucket.py", "components/lake/record_table.py", "components/lake/site/"),
    ),
    "LAKE-SEC-03": Requirement("No VPC", ("components/lake/place.py",)),
    "LAKE-SEC-04": Requirement(
        "Secrets for sources that need keys, in Secrets Manager",
        ("components/lake/source_secrets.py", "runtime/lake/aws/source_secrets.py"),
    ),
    # Scalability and performance
    "LAKE-SCALE-01": Requirement(
        "Scales by itself: batches, capacity on demand, queries by index",
        ("components/lake/curation.py", "components/lake/record_table.py"),
    ),
    "LAKE-SCALE-02": Requirement(
        "Tries again, dead letters, versions: nothing is lost by a fault", ("runtime/lake/", "components/lake/")
    ),
    # Observability strategy
    "LAKE-OBS-01": Requirement(
        "Structured logs, kept for a time that is set",
        ("components/lake/retention_settings.py", "runtime/lake/curation/observability.py"),
    ),
    "LAKE-OBS-02": Requirement(
        "Metrics: records ingested and processed, errors, latency of the API", ("baler/lake/metric_names.py",)
    ),
    "LAKE-OBS-03": Requirement("Alarms: error rate, depth of the queue, throttles", ("components/lake/alarms/",)),
    "LAKE-OBS-04": Requirement(
        "Tracing of all three functions, linked by the raw object (HTTP APIs have none)",
        ("components/blocks/function.py", "runtime/lake/"),
        "Nothing was traced on AWS.",
    ),
    # Cost estimation
    "LAKE-COST-01": Requirement("What it costs a month", ("baler/commands/cost/",), "Prices are not asked of AWS."),
    # Future improvements
    "LAKE-FUTURE-01": Requirement("A dashboard of CloudWatch", ("components/lake/dashboard/",)),
    "LAKE-FUTURE-02": Requirement("Alarms of CloudWatch", ("components/lake/alarms/",)),
    "LAKE-FUTURE-03": Requirement("Unit tests of the functions", ("runtime/lake/",)),
    "LAKE-FUTURE-04": Requirement("A test from end to end", ("sandbox/demo/lake/",)),
    "LAKE-FUTURE-05": Requirement("Several environments", ("components/lake/settings.py",)),
    "LAKE-FUTURE-06": Requirement(
        "Authentication of the API (any issuer of JWT, Cognito among them)", ("components/lake/http_api.py",)
    ),
    "LAKE-FUTURE-07": Requirement("Raw is archived after days that are set", ("components/lake/raw_bucket.py",)),
    "LAKE-FUTURE-08": Requirement(
        "Reserved capacity for DynamoDB",
        missing="Not built: tables are paid by request; reserved capacity is for loads that never pause.",
    ),
    "LAKE-FUTURE-09": Requirement(
        "Scraping with a browser",
        missing="Not built: a source is an API; pages for people change without notice, and scraping needs consent.",
    ),
    "LAKE-FUTURE-10": Requirement(
        "Enrichment and detection of anomalies by models",
        missing="Not built: records are what their source said; raw is there for whoever wants to derive more.",
    ),
}
