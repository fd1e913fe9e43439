"""What the courier may do: take bundles, set them aside, hold its table, read its secret; and who may read that."""

from __future__ import annotations

from typing import Final

from access_matrix.phrases import (
    ARCHIVED,
    BUCKETS,
    CHANGE,
    CLAIM,
    CONFIGURE,
    DELETE,
    HOLD,
    KEEP_INTERFACES,
    LOOK_AT_NETWORK,
    NEVER_PUSHED,
    NOT_PUSHED,
    OBJECTS,
    ONLY_PUSHED,
    OUTSIDE,
    QUEUES,
    READ,
    ROLES,
)
from access_matrix.row import rows
from access_matrix.vocabulary import Layer, On, Via, Who

_OTHERS_WITH_TABLE: Final = "dynamodb:DeleteItem dynamodb:Query dynamodb:Scan dynamodb:DeleteTable dynamodb:UpdateTable"
_PUT_VALUE: Final = (
    "secretsmanager:PutSecretValue secretsmanager:UpdateSecret secretsmanager:UpdateSecretVersionStage "
    "secretsmanager:DeleteSecret secretsmanager:PutResourcePolicy secretsmanager:DescribeSecret"
)
_GET_VALUE: Final = "secretsmanager:GetSecretValue"

COURIER: Final = (
    *rows(
        Who.COURIER,
        Via.FUNCTION,
        "document 2 REQ-04, 5.1 least privilege",
        (ONLY_PUSHED, "s3:GetObject s3:DeleteObject", On.MAILED_BUNDLE),
        (ONLY_PUSHED, "s3:PutObject", On.BUNDLE_ASIDE),
        (ONLY_PUSHED, "s3:ListBucket", On.MAILBOX),
        (ONLY_PUSHED, HOLD, On.COURIER_TABLE),
        (ONLY_PUSHED, _GET_VALUE, On.CREDENTIALS),
        (ONLY_PUSHED, "xray:PutTraceSegments xray:PutTelemetryRecords", On.EVERYTHING),
    ),
    *rows(
        Who.COURIER,
        Via.LAMBDA,
        "5.1 least privilege",
        (ONLY_PUSHED, "logs:CreateLogStream logs:PutLogEvents", On.COURIER_LOG),
        (ONLY_PUSHED, "ec2:CreateNetworkInterface", (On.SUBNET_A, On.SUBNET_B, On.COURIER_GROUP, On.INTERFACE)),
        (ONLY_PUSHED, KEEP_INTERFACES, On.INTERFACE),
        (ONLY_PUSHED, LOOK_AT_NETWORK, On.EVERYTHING),
        (NOT_PUSHED, "ec2:DescribeInstances ec2:DescribeVpcs", On.EVERYTHING),
        (NOT_PUSHED, "ec2:CreateNetworkInterface", (On.OTHER_SUBNET, On.SECURITY_GROUP)),
        (NOT_PUSHED, "ec2:CreateNetworkInterfacePermission ec2:AttachNetworkInterface", On.INTERFACE),
        (NOT_PUSHED, KEEP_INTERFACES, On.OTHER_INTERFACE),
    ),
    *rows(
        Who.COURIER,
        Via.FUNCTION,
        "5.1 least privilege: the function's code does not touch the network",
        (NEVER_PUSHED, "ec2:CreateNetworkInterface", On.INTERFACE),
        (NEVER_PUSHED, KEEP_INTERFACES, On.INTERFACE),
        (NEVER_PUSHED, LOOK_AT_NETWORK, On.EVERYTHING),
    ),
    *rows(
        Who.COURIER,
        Via.FUNCTION,
        "5.1 least privilege, 5.2 bucket policy: it delivers what is there, and neither makes nor keeps anything",
        (NEVER_PUSHED, f"s3:PutObject s3:GetObjectVersion s3:DeleteObjectVersion {CHANGE}", On.MAILED_BUNDLE),
        (NEVER_PUSHED, f"{READ} {DELETE} {CHANGE}", On.BUNDLE_ASIDE),
        (NEVER_PUSHED, "s3:PutObject", On.MAILBOX_STRAY),
        (NOT_PUSHED, "s3:GetObject s3:DeleteObject", On.MAILBOX_STRAY),
        (NEVER_PUSHED, f"s3:ListBucketVersions s3:GetBucketPolicy {CONFIGURE}", On.MAILBOX),
        (NEVER_PUSHED, "s3:DeleteObject", (On.LANDED_FILE, *ARCHIVED)),
        (NOT_PUSHED, "s3:GetObject s3:PutObject s3:DeleteObject", (On.LANDED_FILE, *ARCHIVED, *OUTSIDE)),
        (NOT_PUSHED, "s3:ListBucket", (On.LANDING, On.ARCHIVE, On.OTHER_BUCKET, On.STRANGERS_BUCKET)),
        (NOT_PUSHED, _OTHERS_WITH_TABLE, On.COURIER_TABLE),
        (NOT_PUSHED, HOLD, (On.CLAIMS, On.OTHER_TABLE)),
        (NOT_PUSHED, _GET_VALUE, On.OTHER_CREDENTIALS),
        (NEVER_PUSHED, _PUT_VALUE, On.CREDENTIALS),
        (NOT_PUSHED, "sqs:SendMessage sqs:ReceiveMessage", QUEUES),
        (NOT_PUSHED, "lambda:InvokeFunction lambda:UpdateFunctionCode", (On.FUNCTION, On.COURIER_FUNCTION)),
        (NOT_PUSHED, "lambda:GetEventSourceMapping", On.MAPPING),
        (NOT_PUSHED, "xray:GetGroups", On.EVERYTHING),
    ),
    *rows(
        Who.COURIER,
        Via.INTERNET,
        "5.1 least privilege: its credentials in other hands",
        (NEVER_PUSHED, "s3:GetObject s3:DeleteObject", On.MAILED_BUNDLE),
        (NEVER_PUSHED, "s3:PutObject", On.BUNDLE_ASIDE),
        (NEVER_PUSHED, "s3:ListBucket", On.MAILBOX),
        (NEVER_PUSHED, _GET_VALUE, On.CREDENTIALS),
        (NOT_PUSHED, "s3:ListAllMyBuckets", On.EVERYTHING),
        (NOT_PUSHED, "logs:GetLogEvents logs:DeleteLogStream", On.COURIER_LOG),
        (NOT_PUSHED, "logs:CreateLogStream logs:PutLogEvents", (On.LOG, On.OTHER_LOG)),
        (NOT_PUSHED, "sts:AssumeRole", ROLES),
    ),
    *rows(
        Who.COURIER,
        Via.STRANGERS_ENDPOINT,
        "5.1 secure egress: its credentials are of no use elsewhere",
        (NEVER_PUSHED, "s3:GetObject s3:DeleteObject", On.MAILED_BUNDLE),
        (NEVER_PUSHED, "s3:PutObject", On.BUNDLE_ASIDE),
        (NEVER_PUSHED, "s3:ListBucket", On.MAILBOX),
        (NEVER_PUSHED, _GET_VALUE, On.CREDENTIALS),
    ),
    *rows(
        Who.COURIER,
        Via.INTERNET_TLS_1_1,
        "5.1 in transit",
        (NEVER_PUSHED, "s3:GetObject s3:DeleteObject", On.MAILED_BUNDLE),
        (NEVER_PUSHED, "s3:ListBucket", On.MAILBOX),
    ),
    *(
        row
        for who in (Who.AGGREGATOR, Who.MONITOR, Who.RECONCILIATION)
        for row in rows(
            who,
            Via.FUNCTION,
            "5.1 least privilege: the courier's alone",
            (NEVER_PUSHED, f"{READ} s3:PutObject {DELETE}", On.BUNDLE_ASIDE),
            (NEVER_PUSHED, f"{READ} {DELETE}", On.MAILED_BUNDLE),
            (NOT_PUSHED, HOLD, On.COURIER_TABLE),
            (NEVER_PUSHED, _GET_VALUE, On.CREDENTIALS),
        )
    ),
    *rows(
        Who.AGGREGATOR,
        Via.LAMBDA,
        "5.1 secure egress: the courier's way out is its own",
        (NOT_PUSHED, "ec2:CreateNetworkInterface", On.COURIER_GROUP),
    ),
)

COURIER_TWICE: Final = (
    *rows(
        Who.COURIER,
        Via.FUNCTION,
        "5.1 least privilege: its own policy, whatever the mailbox and the endpoints let through",
        (NOT_PUSHED, f"s3:PutObject s3:GetObjectVersion {CHANGE}", On.MAILED_BUNDLE),
        (NOT_PUSHED, f"{READ} {DELETE}", On.BUNDLE_ASIDE),
        (NOT_PUSHED, "s3:GetObject s3:DeleteObject s3:PutObject", (On.MAILBOX_STRAY, On.OTHER_OBJECT)),
        (NOT_PUSHED, f"s3:ListBucketVersions {CONFIGURE}", On.MAILBOX),
        (NOT_PUSHED, "s3:ListBucket", On.OTHER_BUCKET),
        (NOT_PUSHED, _OTHERS_WITH_TABLE, On.COURIER_TABLE),
        (NOT_PUSHED, HOLD, (On.CLAIMS, On.OTHER_TABLE)),
        (NOT_PUSHED, _GET_VALUE, On.OTHER_CREDENTIALS),
        (NOT_PUSHED, "xray:GetGroups", On.EVERYTHING),
        without=(Layer.ENDPOINT,),
    ),
    *rows(
        Who.COURIER,
        Via.FUNCTION,
        "5.2 bucket policy: whatever the courier is granted elsewhere",
        (NEVER_PUSHED, f"s3:PutObject s3:GetObjectVersion s3:DeleteObjectVersion {CHANGE}", On.MAILED_BUNDLE),
        (NEVER_PUSHED, f"{READ} {DELETE} {CHANGE}", On.BUNDLE_ASIDE),
        (NEVER_PUSHED, "s3:PutObject", On.MAILBOX_STRAY),
        (NEVER_PUSHED, f"s3:ListBucketVersions {CONFIGURE}", On.MAILBOX),
        (NEVER_PUSHED, _PUT_VALUE, On.CREDENTIALS),
        without=(Layer.ROLE, Layer.ENDPOINT),
    ),
    *(
        row
        for via in (Via.INTERNET, Via.STRANGERS_ENDPOINT)
        for row in rows(
            Who.COURIER,
            via,
            "5.1 secure egress: refused elsewhere by the mailbox and the secret themselves",
            (NEVER_PUSHED, "s3:GetObject s3:DeleteObject", On.MAILED_BUNDLE),
            (NEVER_PUSHED, "s3:ListBucket", On.MAILBOX),
            (NEVER_PUSHED, _GET_VALUE, On.CREDENTIALS),
            without=(Layer.ROLE, Layer.ENDPOINT),
        )
    ),
    *rows(
        Who.COURIER,
        Via.FUNCTION,
        "5.1 secure egress: what the endpoints let out of the network",
        (NEVER_PUSHED, "s3:GetObject s3:DeleteObject", On.BUNDLE_ASIDE),
        (NEVER_PUSHED, "s3:PutObject s3:GetObject s3:DeleteObject", (On.MAILBOX_STRAY, *OUTSIDE)),
        (NEVER_PUSHED, CONFIGURE, BUCKETS),
        (NEVER_PUSHED, _OTHERS_WITH_TABLE, On.COURIER_TABLE),
        (NEVER_PUSHED, HOLD, On.OTHER_TABLE),
        (NEVER_PUSHED, "dynamodb:UpdateItem", On.CLAIMS),
        (NEVER_PUSHED, _GET_VALUE, On.OTHER_CREDENTIALS),
        (NEVER_PUSHED, _PUT_VALUE, (On.CREDENTIALS, On.OTHER_CREDENTIALS)),
        without=(Layer.ROLE, Layer.RESOURCE),
    ),
    *rows(
        Who.STRANGER,
        Via.FUNCTION,
        "5.1 secure egress: nothing is carried out with somebody else's credentials",
        (NOT_PUSHED, "s3:GetObject s3:DeleteObject", On.MAILED_BUNDLE),
        (NOT_PUSHED, "s3:PutObject", On.BUNDLE_ASIDE),
        (NOT_PUSHED, "s3:ListBucket", On.MAILBOX),
        (NOT_PUSHED, HOLD, On.COURIER_TABLE),
        (NOT_PUSHED, _GET_VALUE, On.CREDENTIALS),
        without=(Layer.RESOURCE,),
    ),
)

CREDENTIALS: Final = (
    *(
        row
        for who in (Who.OPERATOR, Who.ADMINISTRATOR)
        for row in rows(
            who,
            Via.INTERNET,
            "document 2 NFR-06: who puts a value knows it, and nobody but the courier reads it",
            (NEVER_PUSHED, _GET_VALUE, On.CREDENTIALS),
            (ONLY_PUSHED, _PUT_VALUE, On.CREDENTIALS),
        )
    ),
    *(
        row
        for who in (Who.STRANGER, Who.ANYBODY, Who.EXTERNAL_PARTY, Who.COURIER_ROLLOUT)
        for row in rows(
            who,
            Via.INTERNET,
            "document 2 NFR-06",
            (NOT_PUSHED, f"{_GET_VALUE} {_PUT_VALUE}", On.CREDENTIALS),
        )
    ),
)

COURIER_ROLLOUT: Final = (
    *rows(
        Who.CODEDEPLOY,
        Via.FOR_COURIER_ROLLOUT,
        "5.1 least privilege: each rollout has a role of its own",
        (ONLY_PUSHED, "sts:AssumeRole", On.COURIER_ROLLOUT_ROLE),
        (NOT_PUSHED, "sts:TagSession sts:SetSourceIdentity", On.COURIER_ROLLOUT_ROLE),
        (NOT_PUSHED, "sts:AssumeRole", (On.ROLLOUT_ROLE, *ROLES)),
    ),
    *(
        row
        for who, via in (
            (Who.CODEDEPLOY, Via.FOR_ROLLOUT),
            (Who.CODEDEPLOY, Via.FOR_OTHER_ROLLOUT),
            (Who.CODEDEPLOY, Via.FOR_STRANGERS_ROLLOUT),
            (Who.LAMBDA, Via.FOR_COURIER_ROLLOUT),
        )
        for row in rows(who, via, "NFR-06", (NOT_PUSHED, "sts:AssumeRole", On.COURIER_ROLLOUT_ROLE))
    ),
    *rows(
        Who.COURIER_ROLLOUT,
        Via.INTERNET,
        "5.1 least privilege: it points the alias at a version, and sees alarms",
        (ONLY_PUSHED, "lambda:GetAlias lambda:UpdateAlias", On.COURIER_FUNCTION),
        (ONLY_PUSHED, "cloudwatch:DescribeAlarms", On.ALARM),
        (NOT_PUSHED, "lambda:GetAlias lambda:UpdateAlias", (On.FUNCTION, On.OTHER_FUNCTION)),
        (NOT_PUSHED, "lambda:UpdateFunctionCode lambda:InvokeFunction lambda:DeleteAlias", On.COURIER_FUNCTION),
        (NOT_PUSHED, "lambda:InvokeFunction", On.COURIER_ALIAS),
        (NOT_PUSHED, "cloudwatch:SetAlarmState cloudwatch:DeleteAlarms", On.ALARM),
        (NOT_PUSHED, "cloudwatch:DescribeAlarms", On.OTHER_ALARM),
        (NOT_PUSHED, "s3:GetObject", OBJECTS),
        (NOT_PUSHED, f"{CLAIM}", On.CLAIMS),
        (NOT_PUSHED, "sts:AssumeRole", ROLES),
    ),
)
