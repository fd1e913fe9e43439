"""What the registrar may do: list the archive, read manifests, and add pages to the register."""

from __future__ import annotations

from typing import Final

from access_matrix.phrases import (
    CHANGE,
    CLAIM,
    CONFIGURE,
    DELETE,
    KEEP_INTERFACES,
    LOOK_AT_NETWORK,
    NEVER,
    NO,
    ONLY_PRIVATE,
    OTHER_TABLE_ACTIONS,
    OUTSIDE,
    READ,
    YES,
)
from access_matrix.row import rows
from access_matrix.vocabulary import On, Via, Who

_LISTS = "s3:ListBucketVersions s3:ListBucketMultipartUploads"

REGISTRAR: Final = (
    *rows(
        Who.REGISTRAR,
        Via.FUNCTION,
        "NFR-01, 5.1 least privilege",
        (YES, "s3:ListBucket", On.ARCHIVE),
        (YES, "s3:GetObject", (On.ARCHIVED_MANIFEST, On.REGISTER_PAGE)),
        (YES, "s3:PutObject", On.REGISTER_PAGE),
    ),
    *rows(
        Who.REGISTRAR,
        Via.FUNCTION,
        "5.2: who keeps the register gets at no bundle, and archives none",
        (NEVER, f"{READ} s3:RestoreObject", On.ARCHIVED_BUNDLE),
        (NEVER, "s3:PutObject", (On.ARCHIVED_BUNDLE, On.ARCHIVED_MANIFEST)),
    ),
    *rows(
        Who.AGGREGATOR,
        Via.FUNCTION,
        "5.2: who archives does not keep the register",
        (NEVER, f"s3:PutObject {CHANGE}", On.REGISTER_PAGE),
    ),
    *rows(
        Who.REGISTRAR,
        Via.FUNCTION,
        "5.2: nor does the registrar change what was archived",
        (NEVER, CHANGE, (On.ARCHIVED_BUNDLE, On.ARCHIVED_MANIFEST)),
    ),
    *rows(
        Who.REGISTRAR,
        Via.FUNCTION_OVERWRITING,
        "5.2: no page is exchanged for another",
        (NEVER, "s3:PutObject", On.REGISTER_PAGE),
    ),
    *rows(
        Who.REGISTRAR,
        Via.LAMBDA,
        "5.1 least privilege",
        (YES, "logs:CreateLogStream logs:PutLogEvents", On.REGISTRAR_LOG),
        (ONLY_PRIVATE, "ec2:CreateNetworkInterface", (On.SUBNET_A, On.SUBNET_B, On.SECURITY_GROUP, On.INTERFACE)),
        (ONLY_PRIVATE, KEEP_INTERFACES, On.INTERFACE),
        (ONLY_PRIVATE, LOOK_AT_NETWORK, On.EVERYTHING),
        (NO, "ec2:DescribeInstances ec2:DescribeVpcs", On.EVERYTHING),
        ((None, NO), "ec2:CreateNetworkInterface", On.OTHER_SUBNET),
        ((None, NO), "ec2:CreateNetworkInterfacePermission ec2:AttachNetworkInterface", On.INTERFACE),
        ((None, NO), KEEP_INTERFACES, On.OTHER_INTERFACE),
    ),
    *rows(
        Who.REGISTRAR,
        Via.FUNCTION,
        "5.1 least privilege: the function's code does not touch the network",
        ((NO, NEVER), "ec2:CreateNetworkInterface", On.INTERFACE),
        ((NO, NEVER), KEEP_INTERFACES, On.INTERFACE),
        ((NO, NEVER), LOOK_AT_NETWORK, On.EVERYTHING),
    ),
    *rows(
        Who.REGISTRAR,
        Via.INTERNET,
        "5.1 in transit: from its network alone",
        ((YES, NEVER), "s3:ListBucket", On.ARCHIVE),
        ((YES, NEVER), "s3:GetObject", (On.ARCHIVED_MANIFEST, On.REGISTER_PAGE)),
    ),
    *rows(
        Who.REGISTRAR,
        Via.INTERNET,
        "5.1 least privilege: its credentials in other hands show which files were archived, and nothing in them",
        (NEVER, f"{READ} s3:PutObject s3:DeleteObject", (On.LANDED_FILE, On.MAILED_BUNDLE)),
        (NEVER, f"{READ} s3:PutObject s3:RestoreObject {CHANGE} {DELETE}", On.ARCHIVED_BUNDLE),
        (NEVER, f"s3:PutObject {DELETE}", (On.ARCHIVED_MANIFEST, On.REGISTER_PAGE)),
        (NO, "s3:GetObject s3:PutObject", OUTSIDE),
        ((NO, NEVER), f"{_LISTS} {CONFIGURE}", On.ARCHIVE),
        ((NO, NEVER), "s3:GetObject", On.ARCHIVE_STRAY),
        (NO, "s3:ListBucket", (On.LANDING, On.MAILBOX, On.OTHER_BUCKET)),
        (NO, "s3:ListAllMyBuckets", On.EVERYTHING),
        (NO, f"{CLAIM} {OTHER_TABLE_ACTIONS}", On.CLAIMS),
        (NO, "sqs:SendMessage sqs:ReceiveMessage sqs:DeleteMessage", On.INGEST),
        (NO, "logs:GetLogEvents logs:DeleteLogStream", On.REGISTRAR_LOG),
        (NO, "logs:CreateLogStream logs:PutLogEvents", (On.LOG, On.OTHER_LOG)),
        (NO, "sts:AssumeRole", (On.AGGREGATOR_ROLE, On.EXTERNAL_PARTY_ROLE, On.CONSUMER_ROLE)),
        (NO, "lambda:UpdateFunctionCode lambda:InvokeFunction", On.FUNCTION),
    ),
    *rows(Who.REGISTRAR, Via.INTERNET_TLS_1_1, "5.1 in transit", (NEVER, "s3:ListBucket", On.ARCHIVE)),
)
