"""What reconciliation may do: list what landed, read claims, announce files, and note how far it is."""

from __future__ import annotations

from typing import Final

from access_matrix.phrases import (
    ARCHIVED,
    CHANGE,
    CLAIM,
    CONFIGURE,
    DELETE,
    KEEP_INTERFACES,
    LIST,
    LOOK_AT_NETWORK,
    NEVER,
    NO,
    NOTE_PROGRESS,
    ONLY_PRIVATE,
    OTHER_TABLE_ACTIONS,
    READ,
    YES,
)
from access_matrix.row import rows
from access_matrix.vocabulary import On, Via, Who

RECONCILIATION: Final = (
    *rows(
        Who.RECONCILIATION,
        Via.FUNCTION,
        "NFR-01, 5.1 least privilege",
        (YES, "s3:ListBucketVersions", On.LANDING),
        (YES, "dynamodb:BatchGetItem", On.CLAIMS),
        (YES, NOTE_PROGRESS, On.PROGRESS),
        (YES, "sqs:SendMessage sqs:GetQueueAttributes", On.INGEST),
    ),
    *rows(
        Who.RECONCILIATION,
        Via.LAMBDA,
        "5.1 least privilege",
        (YES, "logs:CreateLogStream logs:PutLogEvents", On.RECONCILIATION_LOG),
        (ONLY_PRIVATE, "ec2:CreateNetworkInterface", (On.SUBNET_A, On.SUBNET_B, On.SECURITY_GROUP, On.INTERFACE)),
        (ONLY_PRIVATE, KEEP_INTERFACES, On.INTERFACE),
        (ONLY_PRIVATE, LOOK_AT_NETWORK, On.EVERYTHING),
        (NO, "ec2:DescribeInstances ec2:DescribeVpcs", On.EVERYTHING),
        ((None, NO), "ec2:CreateNetworkInterface", On.OTHER_SUBNET),
        ((None, NO), "ec2:CreateNetworkInterfacePermission ec2:AttachNetworkInterface", On.INTERFACE),
        ((None, NO), KEEP_INTERFACES, On.OTHER_INTERFACE),
    ),
    *rows(
        Who.RECONCILIATION,
        Via.FUNCTION,
        "5.1 least privilege: the function's code does not touch the network",
        ((NO, NEVER), "ec2:CreateNetworkInterface", On.INTERFACE),
        ((NO, NEVER), KEEP_INTERFACES, On.INTERFACE),
        ((NO, NEVER), LOOK_AT_NETWORK, On.EVERYTHING),
    ),
    *rows(
        Who.RECONCILIATION,
        Via.INTERNET,
        "5.1 least privilege: its credentials in other hands show which files landed, and nothing of what is in them",
        (NEVER, f"{READ} {DELETE} {CHANGE} s3:PutObject", On.LANDED_FILE),
        (NEVER, "s3:GetObject s3:PutObject s3:DeleteObject", (*ARCHIVED, On.MAILED_BUNDLE)),
        (NO, f"s3:ListBucket s3:ListBucketMultipartUploads {CONFIGURE}", On.LANDING),
        (NO, LIST, (On.ARCHIVE, On.MAILBOX, On.OTHER_BUCKET)),
        (NO, "s3:ListAllMyBuckets", On.EVERYTHING),
        (NO, f"{CLAIM} {OTHER_TABLE_ACTIONS}", On.CLAIMS),
        (NO, "dynamodb:DeleteItem dynamodb:PartiQLInsert", On.PROGRESS),
        (NO, f"dynamodb:BatchGetItem {CLAIM}", On.OTHER_TABLE),
        (NO, "sqs:ReceiveMessage sqs:DeleteMessage sqs:PurgeQueue sqs:SetQueueAttributes", On.INGEST),
        (NO, "sqs:SendMessage sqs:GetQueueAttributes", (On.DEAD_LETTERS, On.OTHER_QUEUE)),
        (NO, "logs:GetLogEvents logs:DeleteLogStream", On.RECONCILIATION_LOG),
        (NO, "logs:CreateLogStream logs:PutLogEvents", (On.LOG, On.OTHER_LOG)),
        (NO, "sts:AssumeRole", (On.AGGREGATOR_ROLE, On.EXTERNAL_PARTY_ROLE, On.CONSUMER_ROLE)),
        (NO, "lambda:UpdateFunctionCode lambda:InvokeFunction", On.FUNCTION),
    ),
    *rows(Who.RECONCILIATION, Via.INTERNET_TLS_1_1, "5.1 in transit", (NEVER, "s3:ListBucketVersions", On.LANDING)),
)
