"""What the aggregator and the external party may do."""

from __future__ import annotations

from typing import Final

from access_matrix.phrases import (
    ARCHIVED,
    BUCKETS,
    CHANGE,
    CLAIM,
    CONFIGURE,
    DELETE,
    KEEP_INTERFACES,
    LIST,
    LOOK_AT_NETWORK,
    NEVER,
    NO,
    OBJECTS,
    ONLY_PRIVATE,
    OTHER_TABLE_ACTIONS,
    OUTSIDE,
    QUEUES,
    READ,
    YES,
)
from access_matrix.row import rows
from access_matrix.vocabulary import Layer, On, Via, Who

AGGREGATOR: Final = (
    *rows(
        Who.AGGREGATOR,
        Via.FUNCTION,
        "5.1 least privilege, 5.1 private egress",
        (YES, "s3:GetObject s3:GetObjectVersion", On.LANDED_FILE),
        (YES, "s3:PutObject s3:GetObject", On.ARCHIVED_BUNDLE),
        (YES, "s3:PutObject", (On.ARCHIVED_MANIFEST, On.MAILED_BUNDLE)),
        (YES, CLAIM, On.CLAIMS),
        (YES, "sqs:ChangeMessageVisibility", On.INGEST),
        (YES, "sqs:SendMessage", On.DEAD_LETTERS),
        (YES, "xray:PutTraceSegments xray:PutTelemetryRecords", On.EVERYTHING),
    ),
    *rows(
        Who.AGGREGATOR,
        Via.LAMBDA,
        "5.1 least privilege",
        (YES, "sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes", On.INGEST),
        (YES, "logs:CreateLogStream logs:PutLogEvents", On.LOG),
        (ONLY_PRIVATE, "ec2:CreateNetworkInterface", (On.SUBNET_A, On.SUBNET_B, On.SECURITY_GROUP, On.INTERFACE)),
        (ONLY_PRIVATE, KEEP_INTERFACES, On.INTERFACE),
        (ONLY_PRIVATE, LOOK_AT_NETWORK, On.EVERYTHING),
        ((NO, NO), "ec2:DescribeInstances ec2:DescribeVpcs", On.EVERYTHING),
        ((None, NO), "ec2:CreateNetworkInterface", On.OTHER_SUBNET),
        ((None, NO), "ec2:CreateNetworkInterfacePermission ec2:AttachNetworkInterface", On.INTERFACE),
        ((None, NO), KEEP_INTERFACES, On.OTHER_INTERFACE),
    ),
    *rows(
        Who.AGGREGATOR,
        Via.FUNCTION,
        "5.1 least privilege: the function's code does not touch the network",
        ((NO, NEVER), "ec2:CreateNetworkInterface", On.INTERFACE),
        ((NO, NEVER), KEEP_INTERFACES, On.INTERFACE),
        ((NO, NEVER), LOOK_AT_NETWORK, On.EVERYTHING),
    ),
    *rows(
        Who.AGGREGATOR,
        Via.INTERNET,
        "5.1 least privilege: no delete permissions; its credentials in other hands",
        (NEVER, f"{DELETE} s3:PutObject {CHANGE}", On.LANDED_FILE),
        (NEVER, DELETE, (*ARCHIVED, On.MAILED_BUNDLE)),
        (NEVER, READ, On.MAILED_BUNDLE),
        (NO, "s3:GetObjectTagging s3:GetObjectAcl", On.LANDED_FILE),
        (NO, "s3:RestoreObject s3:GetObjectVersion s3:PutObjectTagging", On.ARCHIVED_BUNDLE),
        (NO, f"{READ} s3:PutObjectTagging", On.ARCHIVED_MANIFEST),
        (NO, "s3:PutObjectTagging", On.MAILED_BUNDLE),
        (NO, "s3:PutObject s3:GetObject", (On.ARCHIVE_STRAY, On.MAILBOX_STRAY, On.OTHER_OBJECT)),
        (NO, f"{LIST} {CONFIGURE}", BUCKETS),
        (NO, "s3:ListAllMyBuckets", On.EVERYTHING),
        (NO, OTHER_TABLE_ACTIONS, On.CLAIMS),
        (NO, CLAIM, On.OTHER_TABLE),
        (NO, "sqs:SendMessage sqs:PurgeQueue sqs:SetQueueAttributes sqs:DeleteQueue", On.INGEST),
        (NO, "sqs:ReceiveMessage sqs:DeleteMessage sqs:ChangeMessageVisibility", (On.DEAD_LETTERS, On.OTHER_QUEUE)),
        (NO, "sqs:PurgeQueue sqs:SetQueueAttributes sqs:DeleteQueue", On.DEAD_LETTERS),
        (NO, "sqs:SendMessage", On.OTHER_QUEUE),
        (NO, "logs:GetLogEvents logs:DeleteLogStream", On.LOG),
        (NO, "logs:CreateLogStream logs:PutLogEvents", On.OTHER_LOG),
        (NO, "xray:GetGroups", On.EVERYTHING),
        (NO, "sts:AssumeRole", (On.EXTERNAL_PARTY_ROLE, On.CONSUMER_ROLE)),
        (NO, "lambda:UpdateFunctionCode lambda:InvokeFunction", On.FUNCTION),
    ),
    *rows(
        Who.AGGREGATOR,
        Via.FUNCTION,
        "5.1 least privilege: its own policy, whatever the endpoint lets out",
        (NO, "s3:GetObjectTagging s3:GetObjectAcl", On.LANDED_FILE),
        (NO, "s3:RestoreObject s3:GetObjectVersion s3:PutObjectTagging", On.ARCHIVED_BUNDLE),
        (NO, f"{READ} s3:PutObjectTagging", On.ARCHIVED_MANIFEST),
        (NO, "s3:PutObjectTagging", On.MAILED_BUNDLE),
        (NO, "s3:PutObject s3:GetObject", (On.ARCHIVE_STRAY, On.MAILBOX_STRAY, On.OTHER_OBJECT)),
        (NO, LIST, BUCKETS),
        without=(Layer.ENDPOINT,),
    ),
    *rows(
        Who.AGGREGATOR,
        Via.FUNCTION,
        "5.1 private egress: what the endpoints let out of the network",
        ((None, NEVER), "s3:PutObject s3:DeleteObject s3:GetObjectTagging", On.LANDED_FILE),
        ((None, NEVER), "s3:DeleteObject", ARCHIVED),
        ((None, NEVER), "s3:PutObjectTagging", (*ARCHIVED, On.MAILED_BUNDLE)),
        # What the registrar alone may do passes: read manifests and the register, and list the archive.
        ((None, NEVER), "s3:GetObjectVersion", ARCHIVED),
        # What the courier alone may do passes, where there is one.
        ((None, NEVER, None), "s3:GetObject s3:DeleteObject", On.MAILED_BUNDLE),
        ((None, NEVER), "s3:PutObject s3:GetObject", (On.ARCHIVE_STRAY, On.MAILBOX_STRAY, *OUTSIDE)),
        ((None, NEVER), CONFIGURE, BUCKETS),
        ((None, NEVER), "s3:ListBucketVersions s3:ListBucketMultipartUploads", On.ARCHIVE),
        # Its versions alone are listed, by reconciliation.
        ((None, NEVER), "s3:ListBucket s3:ListBucketMultipartUploads", On.LANDING),
        # Its listing alone passes, for the mailbox monitor, which shares the endpoint; the roles tell the two apart.
        ((None, NEVER), "s3:ListBucketVersions s3:ListBucketMultipartUploads", On.MAILBOX),
        ((None, NEVER), OTHER_TABLE_ACTIONS, On.CLAIMS),
        ((None, NEVER), CLAIM, On.OTHER_TABLE),
        ((None, NEVER), "dynamodb:BatchGetItem", On.OTHER_TABLE),
        ((None, NEVER), "sqs:ReceiveMessage", On.INGEST),
        ((None, NEVER), "sqs:ReceiveMessage sqs:DeleteMessage sqs:ChangeMessageVisibility", On.DEAD_LETTERS),
        ((None, NEVER), "sqs:ChangeMessageVisibility sqs:SendMessage sqs:GetQueueAttributes", On.OTHER_QUEUE),
        # What the mailbox monitor alone may do passes as well.
        ((None, NEVER), "s3:GetBucketNotification", (On.ARCHIVE, On.MAILBOX)),
        ((None, NEVER), "lambda:UpdateEventSourceMapping lambda:DeleteEventSourceMapping", On.MAPPING),
        ((None, NEVER), "lambda:GetEventSourceMapping", On.OTHER_MAPPING),
        ((None, NEVER), "lambda:InvokeFunction lambda:UpdateFunctionCode", On.FUNCTION),
        ((None, NEVER), "xray:GetGroups", On.EVERYTHING),
        without=(Layer.ROLE, Layer.RESOURCE),
    ),
    *rows(
        Who.STRANGER,
        Via.FUNCTION,
        "5.1 private egress: nothing is carried out with somebody else's credentials",
        ((None, NO), "s3:GetObject", (On.LANDED_FILE, *ARCHIVED, On.STRANGERS_OBJECT)),
        ((None, NO), "s3:ListBucket", On.ARCHIVE),
        ((None, NO), "s3:PutObject", (*ARCHIVED, On.MAILED_BUNDLE, On.STRANGERS_OBJECT)),
        ((None, NO), "s3:ListBucket", (On.MAILBOX, On.STRANGERS_BUCKET)),
        ((None, NO), "s3:ListBucketVersions", On.LANDING),
        ((None, NO), f"dynamodb:BatchGetItem {CLAIM}", On.CLAIMS),
        ((None, NO), "sqs:ChangeMessageVisibility sqs:SendMessage sqs:GetQueueAttributes", On.INGEST),
        ((None, NO), "sqs:SendMessage", On.DEAD_LETTERS),
        ((None, NO), "s3:GetBucketNotification", On.LANDING),
        ((None, NO), "lambda:GetEventSourceMapping", On.MAPPING),
        ((None, NO), "xray:PutTraceSegments xray:PutTelemetryRecords", On.STRANGERS_TRACES),
        without=(Layer.RESOURCE,),
    ),
    *(
        row
        for via in (Via.INTERNET, Via.STRANGERS_ENDPOINT)
        for row in rows(
            Who.AGGREGATOR,
            via,
            "5.1 private egress: its credentials are of no use elsewhere",
            ((None, NEVER), "s3:GetObject s3:PutObject", OBJECTS),
            ((None, NEVER), LIST, BUCKETS),
        )
    ),
    *rows(
        Who.OPERATOR,
        Via.INTERNET,
        "5.1 private egress: others need not come from the network",
        (YES, "s3:GetObject", OBJECTS),
    ),
    *rows(Who.AGGREGATOR, Via.INTERNET_TLS_1_1, "5.1 in transit", (NEVER, "s3:GetObject s3:PutObject", OBJECTS)),
)

EXTERNAL_PARTY: Final = (
    *rows(
        Who.EXTERNAL_PARTY,
        Via.THEIR_NETWORK,
        "REQ-01, 5.2 bucket policy",
        (YES, "s3:PutObject", On.LANDED_FILE),
        (NEVER, "s3:PutObject", On.LANDING_STRAY),
        (NEVER, f"{READ} {DELETE} {CHANGE} s3:AbortMultipartUpload", On.LANDED_FILE),
        (NEVER, f"{LIST} {CONFIGURE} s3:GetBucketLocation", On.LANDING),
        (NEVER, "s3:PutObject s3:GetObject s3:DeleteObject", (*ARCHIVED, On.MAILED_BUNDLE, *OUTSIDE)),
        (NEVER, "s3:ListBucket", (On.ARCHIVE, On.MAILBOX, On.OTHER_BUCKET)),
        (NEVER, "s3:ListAllMyBuckets", On.EVERYTHING),
        (NEVER, "sqs:SendMessage sqs:ReceiveMessage", QUEUES),
        (NEVER, CLAIM, On.CLAIMS),
        (NEVER, "lambda:InvokeFunction", On.FUNCTION),
        (NEVER, "sts:AssumeRole", (On.AGGREGATOR_ROLE, On.CONSUMER_ROLE)),
    ),
    *rows(Who.EXTERNAL_PARTY, Via.THEIR_IPV6_NETWORK, "5.1 third party", (YES, "s3:PutObject", On.LANDED_FILE)),
    *rows(Who.EXTERNAL_PARTY, Via.THEIR_NETWORK_TLS_1_2, "5.1 in transit", (YES, "s3:PutObject", On.LANDED_FILE)),
    *rows(Who.EXTERNAL_PARTY, Via.THEIR_NETWORK_TLS_1_1, "5.1 in transit", (NEVER, "s3:PutObject", On.LANDED_FILE)),
    *rows(Who.EXTERNAL_PARTY, Via.THEIR_NETWORK_PLAIN, "5.1 in transit", (NEVER, "s3:PutObject", On.LANDED_FILE)),
    *rows(Who.EXTERNAL_PARTY, Via.INTERNET, "5.1 third party", (NEVER, "s3:PutObject", On.LANDED_FILE)),
    *(
        row
        for who in (Who.EXTERNAL_PARTY, Who.OPERATOR)
        for via, answer in (
            (Via.AS_STANDARD, YES),
            (Via.AS_GLACIER, NEVER),
            (Via.WITH_SSE_S3, YES),
            (Via.WITH_SSE_KMS, NEVER),
            (Via.WITH_SSE_C, NEVER),
        )
        for row in rows(who, via, "REQ-02: what lands can be read", (answer, "s3:PutObject", On.LANDED_FILE))
    ),
    *rows(
        Who.EXTERNAL_PARTY,
        Via.STRANGERS_ENDPOINT,
        "5.1 third party: inside a VPC anybody has any address",
        (NEVER, "s3:PutObject", On.LANDED_FILE),
    ),
)

EXTERNAL_PARTY_TWICE: Final = tuple(
    row
    for lost in (Layer.ROLE, Layer.RESOURCE)
    for row in (
        *rows(
            Who.EXTERNAL_PARTY,
            Via.THEIR_NETWORK,
            "5.2 bucket policy: denies read, list, delete",
            (NEVER, f"s3:PutObject {READ}", On.LANDING_STRAY),
            (NEVER, f"{READ} {DELETE} {CHANGE}", On.LANDED_FILE),
            (NEVER, f"{LIST} {CONFIGURE}", On.LANDING),
            without=(lost,),
        ),
        *(
            row
            for via in (Via.INTERNET, Via.STRANGERS_ENDPOINT)
            for row in rows(
                Who.EXTERNAL_PARTY,
                via,
                "5.1 third party",
                (NEVER, "s3:PutObject", (On.LANDED_FILE, On.LANDING_STRAY)),
                without=(lost,),
            )
        ),
    )
)
