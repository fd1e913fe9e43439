"""Who else comes near events: producers, people who query or operate, services, and everybody."""

from __future__ import annotations

from typing import Final

from access_matrix.phrases import CHANGE, CONFIGURE, DELETE, NEVER, NO, READ, YES
from access_matrix.row import event_rows
from access_matrix.vocabulary import Layer, On, Via, Who

_OBJECTS: Final = (On.RAW_EVENT, On.REJECTED_RECORD, On.PROCESSED_EVENT, On.TABLE_FILE, On.FAILED_BATCH, On.RESULT)
_BUCKETS: Final = (On.RAW, On.PROCESSED, On.COMPACTED, On.FAILURES, On.RESULTS)
_QUEUES: Final = (On.TRANSFORM, On.COMPACTION, On.TRANSFORM_DEAD_LETTERS, On.COMPACTION_DEAD_LETTERS)
_OF_FUNCTIONS: Final = (On.PROCESSOR_ROLE, On.TRANSFORMER_ROLE, On.COMPACTOR_ROLE, On.RECOVERY_ROLE, On.SWEEPER_ROLE)
_OF_ROLLOUTS: Final = (On.STREAM_ROLLOUT_ROLE, On.OBJECT_ROLLOUT_ROLE, On.TABLE_ROLLOUT_ROLE)
_ROLES: Final = (*_OF_FUNCTIONS, *_OF_ROLLOUTS, On.PRODUCER_ROLE, On.REPLICATION_ROLE)
_ADMINISTER: Final = (
    "kms:CancelKeyDeletion kms:DescribeKey kms:DisableKey kms:EnableKey kms:EnableKeyRotation kms:GetKeyPolicy "
    "kms:GetKeyRotationStatus kms:ListGrants kms:ListKeyPolicies kms:ListKeyRotations kms:ListResourceTags "
    "kms:PutKeyPolicy kms:RevokeGrant kms:RotateKeyOnDemand kms:ScheduleKeyDeletion kms:TagResource "
    "kms:UntagResource kms:UpdateKeyDescription"
)
_TRANSIT: Final = "document 5: TLS 1.2 or newer"

PRODUCERS: Final = (
    *event_rows(
        Who.PRODUCER,
        Via.INTERNET,
        "document 5: producers send, and read nothing",
        (YES, "kinesis:PutRecord kinesis:PutRecords kinesis:DescribeStreamSummary kinesis:ListShards", On.STREAM),
        (NO, "kinesis:GetRecords kinesis:GetShardIterator kinesis:SplitShard kinesis:DeleteStream", On.STREAM),
        (NO, "kinesis:PutRecord kinesis:PutRecords kinesis:ListShards kinesis:DescribeStreamSummary", On.OTHER_STREAM),
        (NEVER, "s3:GetObject s3:PutObject", _OBJECTS),
    ),
    *event_rows(
        Who.PRODUCER,
        Via.BY_STREAM,
        "document 5: encrypted by KMS",
        (YES, "kms:GenerateDataKey", On.STREAM_KEY),
        (NO, "kms:Decrypt kms:Encrypt kms:CreateGrant kms:PutKeyPolicy", On.STREAM_KEY),
    ),
    *event_rows(
        Who.PRODUCER, Via.BY_OTHER_STREAM, "document 5: for this stream", (NO, "kms:GenerateDataKey", On.STREAM_KEY)
    ),
    *(
        row
        for who, action in (
            (Who.PRODUCER, "kms:GenerateDataKey"),
            (Who.PROCESSOR, "kms:Decrypt"),
            (Who.RECOVERY, "kms:Decrypt"),
        )
        for via in (Via.BY_OTHER_SERVICE, Via.INTERNET)
        for row in event_rows(who, via, "document 5: by way of the stream alone", (NO, action, On.STREAM_KEY))
    ),
    *(
        row
        for who in (Who.PROCESSOR, Who.RECOVERY)
        for row in event_rows(
            who, Via.BY_OTHER_STREAM, "document 5: for this stream", (NO, "kms:Decrypt", On.STREAM_KEY)
        )
    ),
)

KEY: Final = (
    *(
        row
        for who, action, others in (
            (Who.PRODUCER, "kms:GenerateDataKey", "kms:Decrypt"),
            (Who.PROCESSOR, "kms:Decrypt", "kms:GenerateDataKey"),
            (Who.RECOVERY, "kms:Decrypt", "kms:GenerateDataKey"),
        )
        for row in (
            *event_rows(who, Via.BY_STREAM, "document 5: this key", (NO, action, On.OTHER_KEY)),
            *event_rows(
                who,
                Via.BY_STREAM,
                "document 5: the key's policy, whatever the role may do",
                (YES, action, On.STREAM_KEY),
                (NO, f"{others} kms:Encrypt kms:CreateGrant", On.STREAM_KEY),
                without=(Layer.ROLE,),
            ),
            *(
                each
                for via in (Via.BY_OTHER_SERVICE, Via.BY_OTHER_STREAM)
                for each in event_rows(
                    who, via, "document 5: the same", (NO, action, On.STREAM_KEY), without=(Layer.ROLE,)
                )
            ),
        )
    ),
    *event_rows(
        Who.ADMINISTRATOR,
        Via.BY_STREAM,
        "nobody else reads the stream or writes to it",
        (NO, "kms:Decrypt kms:GenerateDataKey", On.STREAM_KEY),
    ),
    *event_rows(
        Who.ADMINISTRATOR,
        Via.INTERNET,
        "the account configures the key",
        (YES, _ADMINISTER, On.STREAM_KEY),
        (NO, "kms:Encrypt kms:Decrypt kms:GenerateDataKey kms:ReEncryptFrom kms:CreateGrant", On.STREAM_KEY),
    ),
)

TRUST: Final = (
    *event_rows(
        Who.OUR_PRODUCER,
        Via.INTERNET,
        "document 5: producers are named",
        (YES, "sts:AssumeRole", On.PRODUCER_ROLE),
        (NO, "sts:TagSession sts:SetSourceIdentity", On.PRODUCER_ROLE),
        (NO, "sts:AssumeRole", (*_OF_FUNCTIONS, *_OF_ROLLOUTS)),
    ),
    *event_rows(
        Who.LAMBDA,
        Via.LAMBDA,
        "document 5: a role for each function",
        (YES, "sts:AssumeRole", _OF_FUNCTIONS),
        (NO, "sts:TagSession sts:SetSourceIdentity", _OF_FUNCTIONS),
        (NO, "sts:AssumeRole", (On.PRODUCER_ROLE, *_OF_ROLLOUTS)),
    ),
    *(
        row
        for who in (Who.OUR_COLLEAGUE, Who.STRANGER, Who.EC2)
        for row in event_rows(who, Via.INTERNET, "document 5: nobody else", (NO, "sts:AssumeRole", _ROLES))
    ),
)

_COPIED: Final = (On.RAW_EVENT, On.REJECTED_RECORD, On.PROCESSED_EVENT)

REPLICATION: Final = (
    *(
        row
        for via in (Via.FOR_RAW, Via.FOR_PROCESSED)
        for row in event_rows(
            Who.S3,
            via,
            "document 5: cross-region replication",
            (YES, "sts:AssumeRole", On.REPLICATION_ROLE),
            (NO, "sts:TagSession sts:SetSourceIdentity", On.REPLICATION_ROLE),
            (NO, "sts:AssumeRole", tuple(each for each in _ROLES if each is not On.REPLICATION_ROLE)),
        )
    ),
    *(
        row
        for who, via in (
            (Who.S3, Via.FOR_OTHER_BUCKET),
            (Who.S3, Via.FOR_STRANGERS_RAW),
            (Who.S3, Via.FOR_STRANGERS_PROCESSED),
            (Who.LAMBDA, Via.FOR_RAW),
        )
        for row in event_rows(who, via, "for these buckets alone", (NO, "sts:AssumeRole", On.REPLICATION_ROLE))
    ),
    *event_rows(
        Who.REPLICATION,
        Via.INTERNET,
        "document 5: it copies events, and nothing else",
        (
            YES,
            "s3:GetObjectVersionForReplication s3:GetObjectVersionAcl s3:GetObjectVersionTagging",
            _COPIED,
        ),
        (YES, "s3:GetReplicationConfiguration s3:ListBucket", (On.RAW, On.PROCESSED)),
        (YES, "s3:ReplicateObject s3:ReplicateTags", On.REPLICATED_EVENT),
        (NO, "s3:GetObject s3:GetObjectVersion", _COPIED),
        (
            NO,
            "s3:GetObjectVersionForReplication",
            (On.RAW_STRAY, On.PROCESSED_STRAY, On.TABLE_FILE, On.FAILED_BATCH, On.OTHER_OBJECT),
        ),
        (NO, "s3:GetObject s3:PutObject s3:DeleteObject s3:ReplicateDelete", On.REPLICATED_EVENT),
        (NO, "s3:ReplicateObject s3:ReplicateTags", On.OTHER_OBJECT),
        (NO, "s3:ListBucketVersions s3:PutReplicationConfiguration", (On.RAW, On.PROCESSED)),
        (NO, "s3:ListBucket", (On.COMPACTED, On.OTHER_BUCKET)),
        (NEVER, f"s3:PutObject {DELETE}", _COPIED),
        (NEVER, "s3:GetObject", (On.TABLE_FILE, On.FAILED_BATCH)),
    ),
)

ROLLOUTS: Final = tuple(
    row
    for who, via, role, function, other in (
        (
            Who.STREAM_ROLLOUT,
            Via.FOR_STREAM_ROLLOUT,
            On.STREAM_ROLLOUT_ROLE,
            On.PROCESSOR_FUNCTION,
            On.TRANSFORMER_FUNCTION,
        ),
        (
            Who.OBJECT_ROLLOUT,
            Via.FOR_OBJECT_ROLLOUT,
            On.OBJECT_ROLLOUT_ROLE,
            On.TRANSFORMER_FUNCTION,
            On.COMPACTOR_FUNCTION,
        ),
        (
            Who.TABLE_ROLLOUT,
            Via.FOR_TABLE_ROLLOUT,
            On.TABLE_ROLLOUT_ROLE,
            On.COMPACTOR_FUNCTION,
            On.PROCESSOR_FUNCTION,
        ),
    )
    for row in (
        *event_rows(
            Who.CODEDEPLOY,
            via,
            "a rollout is one function's",
            (YES, "sts:AssumeRole", role),
            (NO, "sts:TagSession sts:SetSourceIdentity", role),
            (NO, "sts:AssumeRole", tuple(each for each in _ROLES if each is not role)),
        ),
        *event_rows(Who.EC2, via, "a rollout is CodeDeploy's", (NO, "sts:AssumeRole", role)),
        *event_rows(
            who,
            Via.INTERNET,
            "it points the alias at a version, and sees alarms",
            (YES, "lambda:GetAlias lambda:UpdateAlias", function),
            (YES, "cloudwatch:DescribeAlarms", On.ALARM),
            (NO, "lambda:UpdateFunctionCode lambda:InvokeFunction lambda:DeleteAlias", function),
            (NO, "lambda:GetAlias lambda:UpdateAlias", other),
            (NO, "cloudwatch:SetAlarmState cloudwatch:DeleteAlarms", On.ALARM),
            (NO, "cloudwatch:DescribeAlarms", On.OTHER_ALARM),
        ),
    )
)

ANNOUNCEMENTS: Final = (
    *event_rows(
        Who.S3,
        Via.FOR_RAW,
        "document 5: S3 event notification",
        (YES, "sqs:SendMessage", On.TRANSFORM),
        (NO, "sqs:ReceiveMessage sqs:DeleteMessage sqs:PurgeQueue", On.TRANSFORM),
        (NO, "sqs:SendMessage", (On.COMPACTION, On.TRANSFORM_DEAD_LETTERS, On.COMPACTION_DEAD_LETTERS)),
    ),
    *event_rows(
        Who.S3,
        Via.FOR_PROCESSED,
        "document 5: S3 event notification",
        (YES, "sqs:SendMessage", On.COMPACTION),
        (NO, "sqs:ReceiveMessage sqs:DeleteMessage sqs:PurgeQueue", On.COMPACTION),
        (NO, "sqs:SendMessage", On.TRANSFORM),
    ),
    *event_rows(Who.S3, Via.FOR_OTHER_BUCKET, "no other bucket makes us work", (NO, "sqs:SendMessage", _QUEUES)),
    *event_rows(Who.SNS, Via.FOR_RAW, "no other service", (NO, "sqs:SendMessage", _QUEUES)),
    *event_rows(Who.SNS, Via.FOR_PROCESSED, "no other service", (NO, "sqs:SendMessage", _QUEUES)),
    *event_rows(Who.S3, Via.FOR_STRANGERS_RAW, "names can be taken over", (NO, "sqs:SendMessage", On.TRANSFORM)),
    *event_rows(Who.S3, Via.FOR_STRANGERS_PROCESSED, "names can be taken over", (NO, "sqs:SendMessage", On.COMPACTION)),
)

PEOPLE: Final = (
    *event_rows(
        Who.OPERATOR,
        Via.INTERNET,
        "document 5: recovery procedures",
        (
            YES,
            "s3:GetObject s3:DeleteObject s3:DeleteObjectVersion",
            (On.RAW_EVENT, On.PROCESSED_EVENT, On.FAILED_BATCH),
        ),
        (YES, "s3:GetObject s3:RestoreObject", (On.RAW_EVENT, On.REJECTED_RECORD)),
        (YES, "s3:GetObject", On.TABLE_FILE),
        (YES, "s3:GetObject s3:PutObject s3:DeleteObject", On.RESULT),
        (YES, f"s3:ListBucket {CONFIGURE}", _BUCKETS),
        (YES, "sqs:ReceiveMessage sqs:SendMessage", _QUEUES),
        (NEVER, f"s3:PutObject {CHANGE}", (On.RAW_EVENT, On.PROCESSED_EVENT, On.FAILED_BATCH, On.TABLE_FILE)),
        (NEVER, DELETE, On.TABLE_FILE),
    ),
    *event_rows(Who.OPERATOR, Via.IF_NEW, "nobody but functions writes events", (NEVER, "s3:PutObject", On.RAW_EVENT)),
    *event_rows(
        Who.ANALYST,
        Via.INTERNET,
        "document 5: analytics with Athena",
        (YES, "s3:GetObject", (On.PROCESSED_EVENT, On.TABLE_FILE)),
        (YES, "s3:GetObject s3:PutObject s3:DeleteObject", On.RESULT),
        (NEVER, f"{READ} s3:RestoreObject", (On.RAW_EVENT, On.REJECTED_RECORD)),
        (NEVER, READ, On.FAILED_BATCH),
        (NEVER, f"s3:PutObject {CHANGE} {DELETE}", (On.RAW_EVENT, On.PROCESSED_EVENT, On.TABLE_FILE, On.FAILED_BATCH)),
    ),
    *event_rows(
        Who.ADMINISTRATOR,
        Via.INTERNET,
        "data is for those who are named",
        (NEVER, f"{READ} s3:PutObject {CHANGE} {DELETE}", _OBJECTS),
        (NEVER, "s3:RestoreObject", On.RAW_EVENT),
        (YES, f"s3:ListBucket {CONFIGURE}", _BUCKETS),
    ),
    *(
        row
        for via in (Via.INTERNET_TLS_1_1, Via.INTERNET_PLAIN)
        for row in event_rows(
            Who.OPERATOR,
            via,
            _TRANSIT,
            (NEVER, "s3:GetObject s3:PutObject s3:DeleteObject", _OBJECTS),
            (NEVER, "s3:ListBucket s3:PutBucketPolicy", _BUCKETS),
        )
    ),
    *event_rows(Who.OPERATOR, Via.INTERNET_PLAIN, _TRANSIT, (NEVER, "sqs:ReceiveMessage sqs:SendMessage", _QUEUES)),
    *(
        row
        for who in (Who.STRANGER, Who.ANYBODY)
        for row in event_rows(
            who,
            Via.INTERNET,
            "nobody else",
            (NO, "s3:GetObject s3:PutObject s3:DeleteObject", _OBJECTS),
            (NO, "s3:ListBucket s3:PutBucketPolicy", _BUCKETS),
            (NO, "sqs:SendMessage sqs:ReceiveMessage", _QUEUES),
            (NO, "kms:Decrypt kms:GenerateDataKey kms:PutKeyPolicy", On.STREAM_KEY),
        )
    ),
)
