"""Answers, actions and resources that many lines of the table name together."""

from __future__ import annotations

from typing import Final

from access_matrix.vocabulary import Expected, On

YES: Final = Expected.ALLOWED
NO: Final = Expected.NOT_GRANTED
NEVER: Final = Expected.REFUSED
ONLY_PRIVATE: Final = (None, YES)
NOT_IN_PRIVATE: Final = (YES, NEVER)
ONLY_PUSHED: Final = (None, None, YES)
NOT_PUSHED: Final = (None, None, NO)
NEVER_PUSHED: Final = (None, None, NEVER)

READ: Final = "s3:GetObject s3:GetObjectVersion s3:GetObjectTagging"
DELETE: Final = "s3:DeleteObject s3:DeleteObjectVersion s3:ReplicateDelete"
CHANGE: Final = "s3:PutObjectTagging s3:PutObjectAcl s3:PutObjectRetention s3:ReplicateObject"
LIST: Final = "s3:ListBucket s3:ListBucketVersions s3:ListBucketMultipartUploads"
CONFIGURE: Final = (
    "s3:PutBucketPolicy s3:DeleteBucketPolicy s3:PutBucketPublicAccessBlock s3:PutLifecycleConfiguration "
    "s3:PutBucketVersioning s3:PutEncryptionConfiguration s3:PutBucketNotification s3:DeleteBucket"
)
CLAIM: Final = "dynamodb:GetItem dynamodb:PartiQLInsert dynamodb:PutItem"
NOTE_PROGRESS: Final = "dynamodb:GetItem dynamodb:PutItem"
HOLD: Final = "dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem"
OTHER_TABLE_ACTIONS: Final = "dynamodb:DeleteItem dynamodb:UpdateItem dynamodb:Query dynamodb:Scan dynamodb:DeleteTable"
LOOK_AT_NETWORK: Final = "ec2:DescribeNetworkInterfaces ec2:DescribeSubnets"
KEEP_INTERFACES: Final = "ec2:DeleteNetworkInterface ec2:AssignPrivateIpAddresses ec2:UnassignPrivateIpAddresses"

BUCKETS: Final = (On.LANDING, On.ARCHIVE, On.MAILBOX)
ARCHIVED: Final = (On.ARCHIVED_BUNDLE, On.ARCHIVED_MANIFEST, On.REGISTER_PAGE)
OBJECTS: Final = (On.LANDED_FILE, *ARCHIVED, On.MAILED_BUNDLE)
QUEUES: Final = (On.INGEST, On.DEAD_LETTERS)
ROLES: Final = (
    On.AGGREGATOR_ROLE,
    On.MONITOR_ROLE,
    On.RECONCILIATION_ROLE,
    On.REGISTRAR_ROLE,
    On.COURIER_ROLE,
    On.EXTERNAL_PARTY_ROLE,
    On.CONSUMER_ROLE,
)
OUTSIDE: Final = (On.OTHER_OBJECT, On.STRANGERS_OBJECT)
