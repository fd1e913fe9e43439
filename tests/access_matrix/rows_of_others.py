"""Who may become whom, and what services, operators and everybody else may do."""

from __future__ import annotations

from typing import Final

from access_matrix.phrases import (
    ARCHIVED,
    BUCKETS,
    CHANGE,
    CONFIGURE,
    DELETE,
    NEVER,
    NO,
    OBJECTS,
    ONLY_PRIVATE,
    QUEUES,
    READ,
    ROLES,
    YES,
)
from access_matrix.row import rows
from access_matrix.vocabulary import On, Via, Who

_PARAMETER: Final = "ssm:GetParameter ssm:GetParameters ssm:GetParametersByPath ssm:PutParameter ssm:DeleteParameter"
_OF_FUNCTIONS: Final = (On.AGGREGATOR_ROLE, On.MONITOR_ROLE, On.RECONCILIATION_ROLE, On.REGISTRAR_ROLE, On.COURIER_ROLE)

TRUST: Final = (
    *rows(
        Who.THEIR_UPLOADER,
        Via.EXTERNAL_ID,
        "REQ-01, 5.1 third party",
        (YES, "sts:AssumeRole", On.EXTERNAL_PARTY_ROLE),
        (NO, "sts:TagSession sts:SetSourceIdentity", On.EXTERNAL_PARTY_ROLE),
        (NO, "sts:AssumeRole", (On.CONSUMER_ROLE, On.AGGREGATOR_ROLE)),
    ),
    *(
        row
        for via in (Via.WRONG_EXTERNAL_ID, Via.NO_EXTERNAL_ID)
        for row in rows(Who.THEIR_UPLOADER, via, "5.1 third party", (NO, "sts:AssumeRole", On.EXTERNAL_PARTY_ROLE))
    ),
    *rows(Who.THEIR_COLLEAGUE, Via.EXTERNAL_ID, "5.1 third party", (NO, "sts:AssumeRole", On.EXTERNAL_PARTY_ROLE)),
    *rows(
        Who.OUR_COLLECTOR,
        Via.PREMISES,
        "REQ-06, NFR-10",
        (YES, "sts:AssumeRole", On.CONSUMER_ROLE),
        (NO, "sts:TagSession sts:SetSourceIdentity", On.CONSUMER_ROLE),
        (NO, "sts:AssumeRole", (On.EXTERNAL_PARTY_ROLE, On.AGGREGATOR_ROLE)),
    ),
    *rows(
        Who.OUR_COLLECTOR,
        Via.INTERNET,
        "NFR-06",
        (NO, "sts:TagSession sts:SetSourceIdentity", On.CONSUMER_ROLE),
    ),
    *rows(Who.OUR_COLLEAGUE, Via.EXTERNAL_ID, "5.1 consumer: dedicated", (NO, "sts:AssumeRole", ROLES)),
    *rows(Who.STRANGER, Via.EXTERNAL_ID, "NFR-06", (NO, "sts:AssumeRole", ROLES)),
    *rows(
        Who.LAMBDA,
        Via.LAMBDA,
        "5.1 least privilege",
        (YES, "sts:AssumeRole", _OF_FUNCTIONS),
        (NO, "sts:TagSession sts:SetSourceIdentity", _OF_FUNCTIONS),
        (NO, "sts:AssumeRole", (On.CONSUMER_ROLE, On.EXTERNAL_PARTY_ROLE)),
    ),
    *rows(Who.EC2, Via.INTERNET, "NFR-06", (NO, "sts:AssumeRole", ROLES)),
)

EVENTS: Final = (
    *rows(
        Who.S3,
        Via.FOR_LANDING,
        "REQ-01",
        (YES, "sqs:SendMessage", On.INGEST),
        (NO, "sqs:ReceiveMessage sqs:DeleteMessage sqs:PurgeQueue", On.INGEST),
        (NO, "sqs:SendMessage", On.DEAD_LETTERS),
    ),
    *rows(Who.S3, Via.FOR_OTHER_BUCKET, "NFR-06: no other bucket makes us work", (NO, "sqs:SendMessage", On.INGEST)),
    *rows(Who.S3, Via.FOR_TAKEN_OVER_NAME, "NFR-06: names can be taken over", (NO, "sqs:SendMessage", On.INGEST)),
    *rows(Who.SNS, Via.FOR_LANDING, "NFR-06", (NO, "sqs:SendMessage", On.INGEST)),
)

FLOW_LOGS: Final = (
    *rows(
        Who.FLOW_LOGS,
        Via.FOR_FLOW_LOG,
        "NFR-10",
        (ONLY_PRIVATE, "sts:AssumeRole", On.FLOW_LOG_ROLE),
        ((None, NO), "sts:TagSession", On.FLOW_LOG_ROLE),
    ),
    *rows(Who.FLOW_LOGS, Via.FOR_STRANGERS_FLOW_LOG, "NFR-06", ((None, NO), "sts:AssumeRole", On.FLOW_LOG_ROLE)),
    *rows(Who.FLOW_LOGS, Via.FOR_LANDING, "NFR-06", ((None, NO), "sts:AssumeRole", On.FLOW_LOG_ROLE)),
    *rows(Who.EC2, Via.FOR_FLOW_LOG, "NFR-06", ((None, NO), "sts:AssumeRole", On.FLOW_LOG_ROLE)),
    *rows(
        Who.FLOW_LOG_WRITER,
        Via.INTERNET,
        "NFR-10",
        (ONLY_PRIVATE, "logs:CreateLogStream logs:PutLogEvents", On.FLOW_LOG),
        (ONLY_PRIVATE, "logs:DescribeLogStreams", On.FLOW_LOG_GROUP),
        (ONLY_PRIVATE, "logs:DescribeLogGroups", On.EVERYTHING),
        ((None, NO), "logs:DescribeQueryDefinitions logs:DescribeExportTasks", On.EVERYTHING),
        ((None, NO), "logs:GetLogEvents logs:DeleteLogStream", On.FLOW_LOG),
        ((None, NO), "logs:CreateLogStream logs:PutLogEvents", (On.LOG, On.OTHER_LOG)),
        ((None, NO), "s3:GetObject", OBJECTS),
    ),
)

OPERATORS: Final = (
    *rows(
        Who.OPERATOR,
        Via.INTERNET,
        "8.4 replay, poison: who runs the system can look, replay and repair",
        (YES, "s3:GetObject s3:PutObject s3:DeleteObject", (On.LANDED_FILE, On.LANDING_STRAY, On.MAILED_BUNDLE)),
        (YES, "s3:GetObject s3:PutObject s3:DeleteObject", On.BUNDLE_ASIDE),
        (YES, "s3:GetObject s3:RestoreObject", On.ARCHIVED_BUNDLE),
        (YES, "s3:GetObject", (On.ARCHIVED_MANIFEST, On.REGISTER_PAGE)),
        (YES, f"s3:ListBucket {CONFIGURE}", BUCKETS),
        (YES, "sqs:ReceiveMessage sqs:SendMessage", QUEUES),
    ),
    *rows(
        Who.OPERATOR,
        Via.INTERNET,
        "5.2 versioning: canonical bundles are not deleted or changed",
        (NEVER, f"s3:PutObject {CHANGE} {DELETE}", ARCHIVED),
    ),
    *rows(Who.OPERATOR, Via.IF_NEW, "5.2: nobody but the aggregator archives", (NEVER, "s3:PutObject", ARCHIVED)),
    *rows(
        Who.AGGREGATOR,
        Via.FUNCTION_OVERWRITING,
        "5.2: what is archived is never overwritten",
        (NEVER, "s3:PutObject", ARCHIVED),
    ),
    *(
        row
        for via in (Via.INTERNET_TLS_1_1, Via.INTERNET_PLAIN)
        for row in rows(
            Who.OPERATOR,
            via,
            "5.1 in transit",
            (NEVER, "s3:GetObject s3:PutObject s3:DeleteObject", OBJECTS),
            (NEVER, "s3:ListBucket s3:PutBucketPolicy", BUCKETS),
        )
    ),
    *rows(Who.OPERATOR, Via.INTERNET_PLAIN, "5.1 in transit", (NEVER, "sqs:ReceiveMessage sqs:SendMessage", QUEUES)),
)

STACK_PARAMETER: Final = (
    *(
        row
        for who, via in ((Who.CONSUMER, Via.PREMISES), (Who.CONSUMER, Via.INTERNET), (Who.EXTERNAL_PARTY, Via.INTERNET))
        for row in rows(who, via, "5.1 consumer: denied everything else", (NEVER, _PARAMETER, On.STACK_PARAMETER))
    ),
    *rows(Who.AGGREGATOR, Via.LAMBDA, "5.1 least privilege: functions are told", (NO, _PARAMETER, On.STACK_PARAMETER)),
    *rows(
        Who.OPERATOR,
        Via.INTERNET,
        "the command's one name",
        (YES, "ssm:GetParameter ssm:PutParameter", On.STACK_PARAMETER),
    ),
    *rows(Who.STRANGER, Via.INTERNET, "NFR-06", (NO, _PARAMETER, On.STACK_PARAMETER)),
)

EVERYBODY: Final = (
    *rows(
        Who.ADMINISTRATOR,
        Via.INTERNET,
        "NFR-06: data is for those who are named",
        (NEVER, f"{READ} s3:PutObject {CHANGE} {DELETE}", (On.LANDED_FILE, On.MAILED_BUNDLE, On.BUNDLE_ASIDE)),
        (NEVER, f"{READ} s3:PutObject s3:RestoreObject {CHANGE} {DELETE}", ARCHIVED),
        (YES, f"s3:ListBucket {CONFIGURE}", BUCKETS),
    ),
    *(
        row
        for who in (Who.STRANGER, Who.ANYBODY)
        for row in rows(
            who,
            Via.INTERNET,
            "NFR-06",
            (NO, "s3:GetObject s3:PutObject s3:DeleteObject", OBJECTS),
            (NO, "s3:ListBucket s3:PutBucketPolicy", BUCKETS),
            (NO, "sqs:SendMessage sqs:ReceiveMessage", QUEUES),
        )
    ),
)
