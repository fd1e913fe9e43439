"""The parts that the event stream's lines are added up for."""

from __future__ import annotations

from enum import StrEnum


class EventBillPart(StrEnum):
    """A part of the event stream, in the order of an event's way."""

    STREAM = "Kinesis, KMS"
    RAW = "S3, raw"
    PROCESSED = "S3, processed"
    TABLE = "S3 and Glue, table"
    QUEUES = "SQS"
    FUNCTIONS = "Lambda"
    TABLES = "DynamoDB"
    WATCHING = "CloudWatch, X-Ray"
    NETWORK = "network"
