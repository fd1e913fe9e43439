"""What the functions of the data lake may do. They are in Lambda's own network: their calls come from the internet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from access_matrix.phrases import DELETE, NEVER, NO, YES
from access_matrix.row import lake_rows
from access_matrix.vocabulary import On, Via, Who

if TYPE_CHECKING:
    from access_matrix.row import Row

_LEAST: Final = "document 4: a role for each function, no wildcards in resources"
_READ_ITEMS: Final = "dynamodb:GetItem dynamodb:BatchGetItem dynamodb:Query dynamodb:Scan"
_WRITE_ITEMS: Final = "dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:BatchWriteItem"
_SETTLE: Final = "sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes"
_SOURCES: Final = (On.SOURCE_STATE, On.FORGOTTEN_STATE, On.PAGING_KEY)
_TABLES: Final = (On.RECORDS, On.COUNTERS, On.VERSIONS)
_QUEUES: Final = (On.CURATION_QUEUE, On.CURATION_DEAD_LETTERS)
_FUNCTIONS: Final = (On.INGESTION_FUNCTION, On.CURATION_FUNCTION, On.API_FUNCTION)
_ROLES: Final = (On.INGESTION_ROLE, On.CURATION_ROLE, On.API_ROLE)


def _of_every_function(who: Who, log: On, other_log: On) -> tuple[Row, ...]:
    """Return what holds for all of them: the log, traces, and that nobody goes on from one to another."""
    return (
        *lake_rows(
            who,
            Via.LAMBDA,
            _LEAST,
            (YES, "logs:CreateLogStream logs:PutLogEvents", log),
            (NO, "logs:GetLogEvents logs:DeleteLogStream", log),
            (NO, "logs:CreateLogStream logs:PutLogEvents", (other_log, On.OTHER_LOG)),
        ),
        *lake_rows(
            who,
            Via.INTERNET,
            _LEAST,
            (YES, "xray:PutTraceSegments xray:PutTelemetryRecords", On.EVERYTHING),
            (NO, "xray:GetGroups", On.EVERYTHING),
            (NEVER, DELETE, (On.RAW_OBJECT, On.SET_ASIDE, On.LAKE_STRAY)),
            (NO, "s3:GetObject s3:PutObject s3:DeleteObject", (On.OTHER_OBJECT, On.SITE_FILE)),
            (NO, "s3:ListBucketVersions s3:PutBucketPolicy s3:PutLifecycleConfiguration", On.LAKE_RAW),
            (NO, "s3:ListBucket", (On.SITE, On.OTHER_BUCKET)),
            (NO, f"{_READ_ITEMS} {_WRITE_ITEMS}", (On.OTHER_TABLE, On.FORGOTTEN_STATE)),
            (NO, "dynamodb:DeleteTable dynamodb:UpdateTimeToLive", (*_TABLES, On.SOURCE_STATE)),
            (NO, f"{_SETTLE} sqs:SendMessage sqs:ChangeMessageVisibility", On.OTHER_QUEUE),
            (NO, "sqs:PurgeQueue sqs:SetQueueAttributes sqs:DeleteQueue", _QUEUES),
            (NO, "lambda:InvokeFunction lambda:UpdateFunctionCode", _FUNCTIONS),
            (NO, "sts:AssumeRole", _ROLES),
            (NO, "secretsmanager:GetSecretValue", On.OTHER_CREDENTIALS),
        ),
    )


INGESTION: Final = (
    *_of_every_function(Who.INGESTION, On.INGESTION_LOG, On.CURATION_LOG),
    *lake_rows(
        Who.INGESTION,
        Via.INTERNET,
        _LEAST,
        (YES, "s3:PutObject", On.RAW_OBJECT),
        (NO, "s3:PutObjectTagging s3:AbortMultipartUpload", On.RAW_OBJECT),
        (NO, "s3:ListBucket", On.LAKE_RAW),
        (NO, "s3:PutObject", On.LAKE_STRAY),
        (NEVER, "s3:GetObject s3:GetObjectVersion", (On.RAW_OBJECT, On.SET_ASIDE)),
    ),
    *lake_rows(Who.INGESTION, Via.IF_NEW, f"{_LEAST}: it sets nothing aside", (NO, "s3:PutObject", On.SET_ASIDE)),
    *lake_rows(
        Who.INGESTION,
        Via.INTERNET,
        "the states of its sources; not the key that signs pages",
        (YES, "dynamodb:GetItem dynamodb:PutItem", On.SOURCE_STATE),
        (NO, "dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:Query dynamodb:Scan", On.SOURCE_STATE),
        (NO, "dynamodb:GetItem dynamodb:PutItem", On.PAGING_KEY),
        (NO, f"{_READ_ITEMS} {_WRITE_ITEMS}", _TABLES),
    ),
    *lake_rows(
        Who.INGESTION,
        Via.INTERNET,
        "document 4's future: secrets of sources; read, and nothing else",
        (YES, "secretsmanager:GetSecretValue", On.SOURCE_SECRET),
        (NEVER, "secretsmanager:DescribeSecret secretsmanager:PutSecretValue", On.SOURCE_SECRET),
    ),
    *lake_rows(
        Who.INGESTION,
        Via.INTERNET,
        "S3 announces what it puts: document 4 has it send messages itself (decision 51)",
        (NO, f"sqs:SendMessage sqs:ChangeMessageVisibility {_SETTLE}", _QUEUES),
    ),
)

CURATION: Final = (
    *_of_every_function(Who.CURATION, On.CURATION_LOG, On.INGESTION_LOG),
    *lake_rows(
        Who.CURATION,
        Via.INTERNET,
        _LEAST,
        (YES, "s3:GetObject s3:GetObjectVersion", On.RAW_OBJECT),
        (YES, "s3:ListBucket", On.LAKE_RAW),
        (NO, "s3:GetObjectTagging s3:GetObjectVersionTagging", On.RAW_OBJECT),
        (NO, "s3:GetObject", (On.SET_ASIDE, On.LAKE_STRAY)),
        (NEVER, "s3:PutObject s3:PutObjectTagging s3:ReplicateObject", On.RAW_OBJECT),
        (NEVER, "s3:PutObject", On.SET_ASIDE),
    ),
    *lake_rows(
        Who.CURATION,
        Via.IF_NEW,
        f"{_LEAST}; what was set aside is not overwritten",
        (YES, "s3:PutObject", On.SET_ASIDE),
        (NO, "s3:PutObject", (On.LAKE_STRAY, On.OTHER_OBJECT)),
        (NO, "s3:PutObjectTagging", On.SET_ASIDE),
        (NEVER, "s3:PutObject", On.RAW_OBJECT),
    ),
    *lake_rows(
        Who.CURATION,
        Via.INTERNET,
        "inserts and counts in one transaction; deletes and scans nothing",
        (YES, "dynamodb:BatchGetItem dynamodb:PutItem dynamodb:UpdateItem", On.RECORDS),
        (NO, "dynamodb:GetItem dynamodb:Query dynamodb:Scan dynamodb:DeleteItem", On.RECORDS),
        (NO, "dynamodb:Query", On.RECORD_INDEX),
        (YES, "dynamodb:UpdateItem", On.COUNTERS),
        (NO, f"{_READ_ITEMS} dynamodb:PutItem dynamodb:DeleteItem", On.COUNTERS),
        (YES, "dynamodb:PutItem", On.VERSIONS),
        (NO, f"{_READ_ITEMS} dynamodb:UpdateItem dynamodb:DeleteItem", On.VERSIONS),
        (NO, f"{_READ_ITEMS} {_WRITE_ITEMS}", _SOURCES),
    ),
    *lake_rows(
        Who.CURATION,
        Via.LAMBDA,
        "what Lambda does in its name",
        (YES, _SETTLE, On.CURATION_QUEUE),
        (NO, _SETTLE, On.CURATION_DEAD_LETTERS),
    ),
    *lake_rows(
        Who.CURATION,
        Via.INTERNET,
        "an outage uses up no receive, and poison goes to the dead letters with its reason",
        (YES, "sqs:SendMessage sqs:ChangeMessageVisibility", On.CURATION_QUEUE),
        (YES, "sqs:SendMessage", On.CURATION_DEAD_LETTERS),
        (NO, "sqs:ChangeMessageVisibility", On.CURATION_DEAD_LETTERS),
        (NEVER, "secretsmanager:GetSecretValue", On.SOURCE_SECRET),
    ),
)

API: Final = (
    *_of_every_function(Who.API, On.API_LOG, On.CURATION_LOG),
    *lake_rows(
        Who.API,
        Via.INTERNET,
        "document 4: reads records; by key or index, and never a scan (decision 51)",
        (YES, "dynamodb:GetItem dynamodb:BatchGetItem", On.RECORDS),
        (YES, "dynamodb:Query", On.RECORD_INDEX),
        (NO, "dynamodb:Query dynamodb:Scan", On.RECORDS),
        (NO, "dynamodb:Scan", On.RECORD_INDEX),
        (YES, "dynamodb:Query", On.COUNTERS),
        (NO, "dynamodb:GetItem dynamodb:Scan", On.COUNTERS),
        (NO, _WRITE_ITEMS, _TABLES),
        (NO, _READ_ITEMS, On.VERSIONS),
    ),
    *lake_rows(
        Who.API,
        Via.INTERNET,
        "the key that signs pages; not the states of sources",
        (YES, "dynamodb:GetItem dynamodb:PutItem", On.PAGING_KEY),
        (NO, "dynamodb:DeleteItem dynamodb:Query dynamodb:Scan", On.PAGING_KEY),
        (NO, f"{_READ_ITEMS} {_WRITE_ITEMS}", On.SOURCE_STATE),
    ),
    *lake_rows(
        Who.API,
        Via.INTERNET,
        _LEAST,
        (NEVER, "s3:GetObject s3:GetObjectVersion s3:PutObject", (On.RAW_OBJECT, On.SET_ASIDE)),
        (NO, "s3:ListBucket", On.LAKE_RAW),
        (NO, f"sqs:SendMessage {_SETTLE}", _QUEUES),
        (NEVER, "secretsmanager:GetSecretValue", On.SOURCE_SECRET),
    ),
)
