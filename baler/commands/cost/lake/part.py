"""The parts that the lake's lines are added up for."""

from __future__ import annotations

from enum import StrEnum


class LakeBillPart(StrEnum):
    """A part of the lake, in the order of a record's way."""

    FETCHING = "Lambda, ingestion"
    RAW = "S3, raw"
    QUEUE = "SQS"
    CURATION = "Lambda, curation"
    TABLES = "DynamoDB"
    API = "API Gateway"
    ANSWERING = "Lambda, API"
    SITE = "CloudFront, S3, site"
    WATCHING = "CloudWatch, X-Ray"
    SECRETS = "Secrets Manager"  # pragma: allowlist secret
