"""What the mailbox monitor may do: list the mailbox, and read how the path of files is configured."""

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
    ONLY_PRIVATE,
    QUEUES,
    READ,
    YES,
)
from access_matrix.row import rows
from access_matrix.vocabulary import On, Via, Who

MONITOR: Final = (
    *rows(
        Who.MONITOR,
        Via.FUNCTION,
        "NFR-07, 5.1 least privilege",
        (YES, "s3:ListBucket", On.MAILBOX),
        (YES, "s3:GetBucketNotification", On.LANDING),
        (YES, "sqs:GetQueueAttributes", On.INGEST),
        (YES, "lambda:GetEventSourceMapping", On.MAPPING),
    ),
    *rows(
        Who.MONITOR,
        Via.LAMBDA,
        "NFR-07, 5.1 least privilege",
        (YES, "logs:CreateLogStream logs:PutLogEvents", On.MONITOR_LOG),
        (ONLY_PRIVATE, "ec2:CreateNetworkInterface", (On.SUBNET_A, On.SUBNET_B, On.SECURITY_GROUP, On.INTERFACE)),
        (ONLY_PRIVATE, KEEP_INTERFACES, On.INTERFACE),
        (ONLY_PRIVATE, LOOK_AT_NETWORK, On.EVERYTHING),
        (NO, "ec2:DescribeInstances ec2:DescribeVpcs", On.EVERYTHING),
        ((None, NO), "ec2:CreateNetworkInterface", On.OTHER_SUBNET),
        ((None, NO), "ec2:CreateNetworkInterfacePermission ec2:AttachNetworkInterface", On.INTERFACE),
        ((None, NO), KEEP_INTERFACES, On.OTHER_INTERFACE),
    ),
    *rows(
        Who.MONITOR,
        Via.FUNCTION,
        "5.1 least privilege: the function's code does not touch the network",
        ((NO, NEVER), "ec2:CreateNetworkInterface", On.INTERFACE),
        ((NO, NEVER), KEEP_INTERFACES, On.INTERFACE),
        ((NO, NEVER), LOOK_AT_NETWORK, On.EVERYTHING),
    ),
    *rows(
        Who.MONITOR,
        Via.INTERNET,
        "5.1 least privilege: its credentials in other hands show what waits, and nothing of what is in it",
        (NEVER, f"{READ} {DELETE} {CHANGE} s3:PutObject", On.MAILED_BUNDLE),
        (NEVER, "s3:GetObject s3:PutObject s3:DeleteObject", (On.LANDED_FILE, *ARCHIVED)),
        (NO, f"s3:ListBucketVersions s3:ListBucketMultipartUploads {CONFIGURE}", On.MAILBOX),
        (NO, LIST, (On.LANDING, On.ARCHIVE, On.OTHER_BUCKET)),
        (NO, "s3:PutBucketNotification", (On.LANDING, On.MAILBOX)),
        (NO, "s3:GetBucketNotification", (On.ARCHIVE, On.MAILBOX, On.OTHER_BUCKET)),
        (NO, "sqs:SetQueueAttributes sqs:DeleteMessage sqs:ChangeMessageVisibility", QUEUES),
        (NO, "sqs:GetQueueAttributes", (On.DEAD_LETTERS, On.OTHER_QUEUE)),
        (NO, "lambda:UpdateEventSourceMapping lambda:DeleteEventSourceMapping", On.MAPPING),
        (NO, "lambda:GetEventSourceMapping", On.OTHER_MAPPING),
        (NO, "lambda:ListEventSourceMappings", On.EVERYTHING),
        (NO, "s3:ListAllMyBuckets", On.EVERYTHING),
        (NO, CLAIM, On.CLAIMS),
        (NO, "sqs:SendMessage sqs:ReceiveMessage", QUEUES),
        (NO, "logs:GetLogEvents logs:DeleteLogStream", On.MONITOR_LOG),
        (NO, "logs:CreateLogStream logs:PutLogEvents", (On.LOG, On.OTHER_LOG)),
        (NO, "sts:AssumeRole", (On.AGGREGATOR_ROLE, On.EXTERNAL_PARTY_ROLE, On.CONSUMER_ROLE)),
        (NO, "lambda:UpdateFunctionCode lambda:InvokeFunction", On.FUNCTION),
    ),
    *rows(Who.MONITOR, Via.INTERNET_TLS_1_1, "5.1 in transit", (NEVER, "s3:ListBucket", On.MAILBOX)),
)
