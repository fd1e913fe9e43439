"""What the functions of the event stream may do, and what their network lets out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from access_matrix.phrases import DELETE, KEEP_INTERFACES, LOOK_AT_NETWORK, NEVER, NO, YES
from access_matrix.row import event_rows
from access_matrix.vocabulary import Layer, On, Via, Who

if TYPE_CHECKING:
    from access_matrix.row import Row

_LEAST: Final = "document 5: least privilege, a role for each function"
_EGRESS: Final = "document 5: private subnets; what the endpoints let out"
_READ_STREAM: Final = "kinesis:GetRecords kinesis:GetShardIterator kinesis:ListShards"
_WRITE_ITEMS: Final = "dynamodb:PutItem dynamodb:UpdateItem dynamodb:ConditionCheckItem"
_COMMIT: Final = f"dynamodb:GetItem {_WRITE_ITEMS}"
_MORE_OF_TABLES: Final = "dynamodb:DeleteItem dynamodb:Scan dynamodb:BatchWriteItem dynamodb:DeleteTable"
_SETTLE: Final = "sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes"
_MORE_OF_QUEUES: Final = "sqs:PurgeQueue sqs:SetQueueAttributes sqs:DeleteQueue"
_KEEP_TABLE: Final = "glue:GetTable glue:CreateTable glue:UpdateTable"
_GLUE: Final = (On.CATALOG, On.DATABASE, On.TABLE)
_FUNCTIONS: Final = (
    On.PROCESSOR_FUNCTION,
    On.TRANSFORMER_FUNCTION,
    On.COMPACTOR_FUNCTION,
    On.RECOVERY_FUNCTION,
    On.SWEEPER_FUNCTION,
)
_EVENTS: Final = (On.RAW_EVENT, On.REJECTED_RECORD, On.PROCESSED_EVENT, On.TABLE_FILE, On.RESULT)


def _of_every_function(who: Who, log: On, other_log: On, works_on: tuple[On, ...]) -> tuple[Row, ...]:
    """Return what holds for all of them: the log, the network, and that nobody goes on from one to another."""
    return (
        *event_rows(
            who,
            Via.LAMBDA,
            _LEAST,
            (YES, "logs:CreateLogStream logs:PutLogEvents", log),
            (NO, "logs:GetLogEvents logs:DeleteLogStream", log),
            (NO, "logs:CreateLogStream logs:PutLogEvents", (other_log, On.OTHER_LOG)),
            (YES, "ec2:CreateNetworkInterface", (On.SUBNET_A, On.SUBNET_B, On.SECURITY_GROUP, On.INTERFACE)),
            (YES, KEEP_INTERFACES, On.INTERFACE),
            (YES, LOOK_AT_NETWORK, On.EVERYTHING),
            (NO, "ec2:DescribeInstances ec2:DescribeVpcs", On.EVERYTHING),
            (NO, "ec2:CreateNetworkInterface", On.OTHER_SUBNET),
            (NO, "ec2:CreateNetworkInterfacePermission ec2:AttachNetworkInterface", On.INTERFACE),
            (NO, KEEP_INTERFACES, On.OTHER_INTERFACE),
        ),
        *event_rows(
            who,
            Via.FUNCTION,
            _LEAST,
            (YES, "xray:PutTraceSegments xray:PutTelemetryRecords", On.EVERYTHING),
            (NEVER, f"ec2:CreateNetworkInterface {KEEP_INTERFACES}", On.INTERFACE),
            (NEVER, LOOK_AT_NETWORK, On.EVERYTHING),
        ),
        *event_rows(
            who,
            Via.INTERNET,
            f"{_LEAST}; its credentials in other hands",
            (NEVER, "s3:GetObject s3:PutObject s3:DeleteObject", (*_EVENTS, On.RAW_STRAY, On.PROCESSED_STRAY)),
            (NO, "s3:GetObject s3:PutObject s3:DeleteObject", On.OTHER_OBJECT),
            (NEVER, "s3:ListBucket s3:GetBucketPolicy", works_on),
            (NO, "s3:ListBucketVersions s3:PutBucketPolicy", (On.RAW, On.PROCESSED, On.COMPACTED, On.FAILURES)),
            (NO, "xray:GetGroups", On.EVERYTHING),
            (NO, "lambda:InvokeFunction lambda:UpdateFunctionCode", _FUNCTIONS),
            (NO, f"{_MORE_OF_TABLES} {_COMMIT}", On.OTHER_TABLE),
            (NO, _MORE_OF_TABLES, (On.SHARD_PROGRESS, On.BATCHES)),
            (NO, "dynamodb:GetItem dynamodb:Query", On.BATCHES),
            (NO, "kinesis:PutRecord kinesis:PutRecords kinesis:SplitShard kinesis:DeleteStream", On.STREAM),
            (NO, f"{_READ_STREAM} kinesis:DescribeStream kinesis:DescribeStreamSummary", On.OTHER_STREAM),
            (NO, f"{_SETTLE} sqs:SendMessage sqs:ChangeMessageVisibility", On.OTHER_QUEUE),
            (NO, _SETTLE, (On.TRANSFORM_DEAD_LETTERS, On.COMPACTION_DEAD_LETTERS)),
            (NO, _MORE_OF_QUEUES, (On.TRANSFORM, On.COMPACTION, On.TRANSFORM_DEAD_LETTERS, On.COMPACTION_DEAD_LETTERS)),
            (NO, "glue:DeleteTable glue:DeleteDatabase", _GLUE),
            (NO, "glue:GetDatabase", On.OTHER_DATABASE),
            (NO, _KEEP_TABLE, On.OTHER_GLUE_TABLE),
            (NO, "sts:AssumeRole", On.PRODUCER_ROLE),
        ),
    )


PROCESSOR: Final = (
    *_of_every_function(Who.PROCESSOR, On.PROCESSOR_LOG, On.RECOVERY_LOG, (On.RAW,)),
    *event_rows(
        Who.PROCESSOR,
        Via.FUNCTION,
        _LEAST,
        (YES, "kinesis:DescribeStreamSummary", On.STREAM),
        (YES, "s3:PutObject", (On.RAW_EVENT, On.REJECTED_RECORD)),
        (YES, _COMMIT, On.SHARD_PROGRESS),
        (YES, "dynamodb:PutItem", On.BATCHES),
        (NO, "dynamodb:Query", On.SHARD_PROGRESS),
        (NO, "dynamodb:UpdateItem dynamodb:ConditionCheckItem", On.BATCHES),
        (NEVER, f"s3:GetObject {DELETE}", (On.RAW_EVENT, On.REJECTED_RECORD)),
    ),
    *event_rows(
        Who.PROCESSOR,
        Via.LAMBDA,
        "document 5: reads the stream, decrypts; what Lambda does in its name",
        (YES, f"{_READ_STREAM} kinesis:DescribeStream kinesis:DescribeStreamSummary", On.STREAM),
        (YES, "s3:PutObject", On.FAILED_BATCH),
        (YES, "s3:ListBucket", On.FAILURES),
        (NO, "s3:ListBucket", (On.RAW, On.PROCESSED, On.COMPACTED, On.OTHER_BUCKET)),
        (NO, "s3:PutObject", (On.FAILURE_STRAY, On.OTHER_OBJECT)),
        (NO, "s3:ListBucketMultipartUploads", On.FAILURES),
        (NO, "s3:AbortMultipartUpload", On.FAILED_BATCH),
        (NEVER, f"s3:GetObject {DELETE}", (On.FAILED_BATCH, On.FAILURE_STRAY)),
        (NO, f"{_SETTLE} sqs:SendMessage", (On.TRANSFORM, On.COMPACTION)),
    ),
    *event_rows(
        Who.PROCESSOR,
        Via.FUNCTION,
        f"{_LEAST}: its own policy, whatever the endpoint lets out",
        (NO, "s3:PutObject", (On.RAW_STRAY, On.OTHER_OBJECT)),
        (NO, "s3:AbortMultipartUpload", On.RAW_EVENT),
        without=(Layer.ENDPOINT,),
    ),
    *event_rows(
        Who.PROCESSOR,
        Via.FUNCTION,
        "its code, or who has its credentials, plants no batch for a redrive",
        (NEVER, "s3:PutObject s3:ReplicateObject", On.FAILED_BATCH),
        without=(Layer.ENDPOINT,),
    ),
    *event_rows(
        Who.PROCESSOR,
        Via.FUNCTION_OVERWRITING,
        "document 5: what is raw is never overwritten",
        (NEVER, "s3:PutObject", (On.RAW_EVENT, On.REJECTED_RECORD)),
    ),
    *event_rows(Who.PROCESSOR, Via.BY_STREAM, "document 5: decrypts", (YES, "kms:Decrypt", On.STREAM_KEY)),
    *event_rows(
        Who.PROCESSOR,
        Via.BY_STREAM,
        _LEAST,
        (NO, "kms:GenerateDataKey kms:Encrypt kms:CreateGrant kms:PutKeyPolicy", On.STREAM_KEY),
    ),
)

TRANSFORMER: Final = (
    *_of_every_function(Who.TRANSFORMER, On.TRANSFORMER_LOG, On.PROCESSOR_LOG, (On.RAW, On.PROCESSED)),
    *event_rows(
        Who.TRANSFORMER,
        Via.FUNCTION,
        _LEAST,
        (YES, "kinesis:DescribeStreamSummary", On.STREAM),
        (YES, "s3:GetObject", On.RAW_EVENT),
        (YES, "s3:PutObject", On.PROCESSED_EVENT),
        (YES, "dynamodb:GetItem dynamodb:UpdateItem", On.SHARD_PROGRESS),
        (YES, "sqs:SendMessage sqs:ChangeMessageVisibility", On.TRANSFORM),
        (YES, "sqs:SendMessage", On.TRANSFORM_DEAD_LETTERS),
        (NO, "dynamodb:PutItem dynamodb:ConditionCheckItem dynamodb:Query", On.SHARD_PROGRESS),
        (NO, "dynamodb:PutItem", On.BATCHES),
        (NO, _READ_STREAM, On.STREAM),
        (NO, "sqs:SendMessage sqs:ChangeMessageVisibility", On.COMPACTION),
        (NO, "sqs:ChangeMessageVisibility", On.TRANSFORM_DEAD_LETTERS),
        (NEVER, f"s3:PutObject {DELETE}", On.RAW_EVENT),
        (NEVER, f"s3:GetObject {DELETE}", On.PROCESSED_EVENT),
    ),
    *event_rows(
        Who.TRANSFORMER,
        Via.FUNCTION,
        f"{_LEAST}: its own policy, whatever the endpoint lets out",
        (NO, "s3:GetObject", (On.REJECTED_RECORD, On.RAW_STRAY, On.OTHER_OBJECT)),
        (NO, "s3:GetObjectTagging s3:GetObjectVersion", On.RAW_EVENT),
        (NO, "s3:PutObject", (On.PROCESSED_STRAY, On.OTHER_OBJECT)),
        (NO, "s3:PutObjectTagging", On.PROCESSED_EVENT),
        (NO, "sqs:SendMessage sqs:ChangeMessageVisibility", On.OTHER_QUEUE),
        (NO, "kinesis:DescribeStreamSummary", On.OTHER_STREAM),
        without=(Layer.ENDPOINT,),
    ),
    *event_rows(
        Who.TRANSFORMER,
        Via.LAMBDA,
        _LEAST,
        (YES, _SETTLE, On.TRANSFORM),
        (NO, _SETTLE, On.COMPACTION),
    ),
    *event_rows(Who.TRANSFORMER, Via.BY_STREAM, _LEAST, (NO, "kms:Decrypt kms:GenerateDataKey", On.STREAM_KEY)),
)

COMPACTOR: Final = (
    *_of_every_function(Who.COMPACTOR, On.COMPACTOR_LOG, On.PROCESSOR_LOG, (On.PROCESSED, On.COMPACTED)),
    *event_rows(
        Who.COMPACTOR,
        Via.FUNCTION,
        _LEAST,
        (YES, "s3:GetObject", On.PROCESSED_EVENT),
        (YES, "s3:GetObject s3:PutObject s3:DeleteObject s3:AbortMultipartUpload", On.TABLE_FILE),
        (YES, "s3:ListBucket", On.COMPACTED),
        (YES, _KEEP_TABLE, _GLUE),
        (YES, "glue:GetDatabase", (On.CATALOG, On.DATABASE)),
        (YES, "sqs:ChangeMessageVisibility", On.COMPACTION),
        (YES, "sqs:SendMessage", On.COMPACTION_DEAD_LETTERS),
        (NO, "sqs:SendMessage", On.COMPACTION),
        (NO, "sqs:SendMessage sqs:ChangeMessageVisibility", (On.TRANSFORM, On.TRANSFORM_DEAD_LETTERS)),
        (NO, "sqs:ChangeMessageVisibility", On.COMPACTION_DEAD_LETTERS),
        (NO, _COMMIT, On.SHARD_PROGRESS),
        (NEVER, f"s3:PutObject {DELETE}", On.PROCESSED_EVENT),
        (NEVER, "s3:GetObject", (On.RAW_EVENT, On.REJECTED_RECORD, On.FAILED_BATCH, On.RESULT)),
    ),
    *event_rows(
        Who.COMPACTOR,
        Via.FUNCTION,
        f"{_LEAST}: its own policy, whatever the endpoint lets out",
        (NO, "s3:GetObject", (On.PROCESSED_STRAY, On.OTHER_OBJECT)),
        (NO, "s3:GetObjectTagging s3:GetObjectVersion", On.PROCESSED_EVENT),
        (NO, "s3:PutObject s3:DeleteObject s3:AbortMultipartUpload", On.OTHER_OBJECT),
        (NO, "s3:PutObjectTagging s3:DeleteObjectVersion", On.TABLE_FILE),
        (NO, "s3:ListBucket", (On.PROCESSED, On.RAW, On.OTHER_BUCKET)),
        (NO, "s3:ListBucketVersions", On.COMPACTED),
        (NO, f"{_KEEP_TABLE}", On.OTHER_GLUE_TABLE),
        (NO, "glue:DeleteTable glue:GetTables", _GLUE),
        without=(Layer.ENDPOINT,),
    ),
    *event_rows(
        Who.COMPACTOR,
        Via.LAMBDA,
        _LEAST,
        (YES, _SETTLE, On.COMPACTION),
        (NO, _SETTLE, On.TRANSFORM),
    ),
)

RECOVERY: Final = (
    *_of_every_function(Who.RECOVERY, On.RECOVERY_LOG, On.PROCESSOR_LOG, (On.RAW, On.FAILURES)),
    *event_rows(
        Who.RECOVERY,
        Via.FUNCTION,
        _LEAST,
        (YES, f"{_READ_STREAM} kinesis:DescribeStreamSummary", On.STREAM),
        (YES, "s3:PutObject", (On.RAW_EVENT, On.REJECTED_RECORD)),
        (YES, "s3:GetObject", On.FAILED_BATCH),
        (YES, f"{_COMMIT} dynamodb:Query", On.SHARD_PROGRESS),
        (YES, "dynamodb:PutItem", On.BATCHES),
        (NO, "dynamodb:UpdateItem dynamodb:ConditionCheckItem", On.BATCHES),
        (NO, "kinesis:DescribeStream", On.STREAM),
        (NEVER, f"s3:PutObject {DELETE}", On.FAILED_BATCH),
        (NEVER, f"s3:GetObject {DELETE}", On.RAW_EVENT),
    ),
    *event_rows(
        Who.RECOVERY,
        Via.FUNCTION,
        f"{_LEAST}: its own policy, whatever the endpoint lets out",
        (NO, "s3:GetObject", (On.FAILURE_STRAY, On.OTHER_OBJECT)),
        (NO, "s3:GetObjectTagging s3:GetObjectVersion", On.FAILED_BATCH),
        (NO, "s3:PutObject", (On.RAW_STRAY, On.OTHER_OBJECT)),
        (NO, "s3:AbortMultipartUpload", On.RAW_EVENT),
        (NO, "dynamodb:Query", (On.BATCHES, On.OTHER_TABLE)),
        (NO, f"{_READ_STREAM} kinesis:DescribeStreamSummary", On.OTHER_STREAM),
        without=(Layer.ENDPOINT,),
    ),
    *event_rows(
        Who.RECOVERY,
        Via.INTERNET,
        f"{_LEAST}; its credentials in other hands",
        (NEVER, "s3:GetObject s3:PutObject", On.FAILED_BATCH),
    ),
    *event_rows(Who.RECOVERY, Via.FUNCTION_OVERWRITING, "document 5", (NEVER, "s3:PutObject", On.RAW_EVENT)),
    *event_rows(
        Who.RECOVERY,
        Via.BY_STREAM,
        _LEAST,
        (YES, "kms:Decrypt", On.STREAM_KEY),
        (NO, "kms:GenerateDataKey kms:Encrypt kms:CreateGrant kms:PutKeyPolicy", On.STREAM_KEY),
    ),
)

SWEEPER: Final = (
    *_of_every_function(Who.SWEEPER, On.SWEEPER_LOG, On.PROCESSOR_LOG, (On.RAW,)),
    *event_rows(
        Who.SWEEPER,
        Via.FUNCTION,
        f"{_LEAST}; it alone removes raw events, by version",
        (YES, "s3:ListBucketVersions", On.RAW),
        (YES, "s3:GetObject s3:DeleteObjectVersion", On.RAW_EVENT),
        (YES, "s3:ListBucket", On.PROCESSED),
        (YES, "dynamodb:GetItem dynamodb:Query", On.SHARD_PROGRESS),
        (NO, _WRITE_ITEMS, On.SHARD_PROGRESS),
        (NO, "dynamodb:PutItem", On.BATCHES),
        (NO, f"{_READ_STREAM} kinesis:DescribeStreamSummary", On.STREAM),
        (NO, "sqs:SendMessage sqs:ChangeMessageVisibility", On.TRANSFORM),
        (NEVER, "s3:PutObject", (On.RAW_EVENT, On.REJECTED_RECORD)),
        (NEVER, f"s3:GetObject s3:PutObject {DELETE}", On.PROCESSED_EVENT),
        (NEVER, "s3:GetObject s3:PutObject s3:DeleteObject", (On.TABLE_FILE, On.FAILED_BATCH)),
    ),
    *event_rows(
        Who.SWEEPER,
        Via.FUNCTION,
        f"{_LEAST}: its own policy, whatever the endpoint lets out",
        (NO, "s3:GetObject", (On.REJECTED_RECORD, On.RAW_STRAY, On.OTHER_OBJECT)),
        (NO, "s3:GetObjectTagging s3:GetObjectVersion s3:DeleteObject", On.RAW_EVENT),
        (NO, "s3:DeleteObject s3:DeleteObjectVersion", (On.REJECTED_RECORD, On.RAW_STRAY, On.OTHER_OBJECT)),
        (NO, "s3:ListBucket", (On.RAW, On.COMPACTED, On.OTHER_BUCKET)),
        (NO, "s3:ListBucketVersions", (On.PROCESSED, On.OTHER_BUCKET)),
        (NO, "dynamodb:GetItem dynamodb:Query", (On.BATCHES, On.OTHER_TABLE)),
        without=(Layer.ENDPOINT,),
    ),
    *event_rows(
        Who.SWEEPER,
        Via.INTERNET,
        f"{_LEAST}; its credentials in other hands",
        (NEVER, "s3:GetObject s3:DeleteObjectVersion", On.RAW_EVENT),
        (NEVER, "s3:ListBucketVersions", On.RAW),
    ),
    *(
        row
        for who in (Who.PROCESSOR, Who.TRANSFORMER, Who.COMPACTOR, Who.RECOVERY)
        for row in event_rows(who, Via.FUNCTION, "the sweeper alone", (NEVER, "s3:DeleteObjectVersion", On.RAW_EVENT))
    ),
)

EGRESS: Final = (
    *event_rows(
        Who.PROCESSOR,
        Via.FUNCTION,
        _EGRESS,
        (NEVER, "s3:GetObjectTagging s3:AbortMultipartUpload s3:DeleteObject", (On.RAW_EVENT, On.PROCESSED_EVENT)),
        (NEVER, "s3:GetObject", (On.REJECTED_RECORD, On.RAW_STRAY, On.PROCESSED_STRAY, On.OTHER_OBJECT)),
        (
            NEVER,
            "s3:PutObject",
            (On.RAW_STRAY, On.PROCESSED_STRAY, On.FAILED_BATCH, On.OTHER_OBJECT, On.STRANGERS_OBJECT),
        ),
        (NEVER, "s3:GetObjectTagging s3:DeleteObjectVersion", (On.TABLE_FILE, On.FAILED_BATCH)),
        (NEVER, "s3:GetObject s3:DeleteObject s3:AbortMultipartUpload", On.STRANGERS_OBJECT),
        (NEVER, "s3:ListBucket", (On.RAW, On.FAILURES, On.OTHER_BUCKET, On.STRANGERS_BUCKET)),
        (NEVER, "s3:ListBucketVersions s3:PutBucketPolicy", (On.PROCESSED, On.COMPACTED)),
        (NEVER, "s3:PutBucketPolicy", On.RAW),
        (NEVER, _MORE_OF_TABLES, (On.SHARD_PROGRESS, On.BATCHES)),
        (NEVER, "dynamodb:GetItem dynamodb:UpdateItem", On.BATCHES),
        (NEVER, f"{_COMMIT} dynamodb:Query", On.OTHER_TABLE),
        (NEVER, "sqs:ReceiveMessage sqs:DeleteMessage", (On.TRANSFORM, On.COMPACTION)),
        (NEVER, "sqs:SendMessage", (On.COMPACTION, On.OTHER_QUEUE)),
        (
            NEVER,
            "sqs:ReceiveMessage sqs:ChangeMessageVisibility",
            (On.TRANSFORM_DEAD_LETTERS, On.COMPACTION_DEAD_LETTERS),
        ),
        (NEVER, "sqs:ChangeMessageVisibility", On.OTHER_QUEUE),
        (NEVER, "kinesis:PutRecord kinesis:PutRecords kinesis:DescribeStream", On.STREAM),
        (NEVER, f"{_READ_STREAM} kinesis:DescribeStreamSummary kinesis:PutRecord", On.OTHER_STREAM),
        (NEVER, "glue:DeleteTable", _GLUE),
        (NEVER, _KEEP_TABLE, On.OTHER_GLUE_TABLE),
        (NEVER, "glue:GetDatabase", On.OTHER_DATABASE),
        (NEVER, "xray:GetGroups", On.EVERYTHING),
        without=(Layer.ROLE, Layer.RESOURCE),
    ),
    *event_rows(
        Who.STRANGER,
        Via.FUNCTION,
        "document 5: nothing is carried out with somebody else's credentials",
        (NO, "s3:GetObject", (On.RAW_EVENT, On.PROCESSED_EVENT, On.TABLE_FILE, On.FAILED_BATCH, On.STRANGERS_OBJECT)),
        (NO, "s3:PutObject", (On.RAW_EVENT, On.PROCESSED_EVENT, On.TABLE_FILE, On.STRANGERS_OBJECT)),
        (NO, "s3:ListBucket", (On.PROCESSED, On.COMPACTED, On.STRANGERS_BUCKET)),
        (NO, "s3:ListBucketVersions", On.RAW),
        (NO, "s3:DeleteObjectVersion", On.RAW_EVENT),
        (NO, f"{_COMMIT} dynamodb:Query", On.SHARD_PROGRESS),
        (NO, "dynamodb:PutItem", On.BATCHES),
        (NO, "sqs:SendMessage sqs:ChangeMessageVisibility", On.TRANSFORM),
        (NO, "sqs:ChangeMessageVisibility", On.COMPACTION),
        (NO, "sqs:SendMessage", (On.TRANSFORM_DEAD_LETTERS, On.COMPACTION_DEAD_LETTERS)),
        (NO, f"{_READ_STREAM} kinesis:DescribeStreamSummary", On.STREAM),
        (NO, _KEEP_TABLE, _GLUE),
        (NO, "glue:GetDatabase", (On.CATALOG, On.DATABASE)),
        (NO, "xray:PutTraceSegments xray:PutTelemetryRecords", On.STRANGERS_TRACES),
        without=(Layer.RESOURCE,),
    ),
)
