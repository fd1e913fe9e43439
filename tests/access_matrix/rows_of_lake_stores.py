"""Who else comes near the data lake: services, people who operate, and everybody."""

from __future__ import annotations

from typing import Final

from access_matrix.phrases import CHANGE, CONFIGURE, DELETE, NEVER, NO, READ, YES
from access_matrix.row import lake_rows
from access_matrix.vocabulary import On, Via, Who

_OBJECTS: Final = (On.RAW_OBJECT, On.SET_ASIDE)
_QUEUES: Final = (On.CURATION_QUEUE, On.CURATION_DEAD_LETTERS)
_OF_FUNCTIONS: Final = (On.INGESTION_ROLE, On.CURATION_ROLE, On.API_ROLE)
_OF_ROLLOUTS: Final = (On.SCHEDULE_ROLLOUT_ROLE, On.CURATION_ROLLOUT_ROLE, On.API_ROLLOUT_ROLE)
_ROLES: Final = (*_OF_FUNCTIONS, *_OF_ROLLOUTS)
_TRANSIT: Final = "document 4: TLS 1.2"

TRUST: Final = (
    *lake_rows(
        Who.LAMBDA,
        Via.LAMBDA,
        "document 4: a role for each function",
        (YES, "sts:AssumeRole", _OF_FUNCTIONS),
        (NO, "sts:TagSession sts:SetSourceIdentity", _OF_FUNCTIONS),
        (NO, "sts:AssumeRole", _OF_ROLLOUTS),
    ),
    *(
        row
        for who in (Who.OUR_COLLEAGUE, Who.STRANGER, Who.EC2)
        for row in lake_rows(who, Via.INTERNET, "nobody else", (NO, "sts:AssumeRole", _ROLES))
    ),
)

ROLLOUTS: Final = tuple(
    row
    for who, via, role, function, other in (
        (
            Who.SCHEDULE_ROLLOUT,
            Via.FOR_SCHEDULE_ROLLOUT,
            On.SCHEDULE_ROLLOUT_ROLE,
            On.INGESTION_FUNCTION,
            On.CURATION_FUNCTION,
        ),
        (
            Who.CURATION_ROLLOUT,
            Via.FOR_CURATION_ROLLOUT,
            On.CURATION_ROLLOUT_ROLE,
            On.CURATION_FUNCTION,
            On.API_FUNCTION,
        ),
        (Who.API_ROLLOUT, Via.FOR_API_ROLLOUT, On.API_ROLLOUT_ROLE, On.API_FUNCTION, On.INGESTION_FUNCTION),
    )
    for row in (
        *lake_rows(
            Who.CODEDEPLOY,
            via,
            "a rollout is one function's",
            (YES, "sts:AssumeRole", role),
            (NO, "sts:TagSession sts:SetSourceIdentity", role),
            (NO, "sts:AssumeRole", tuple(each for each in _ROLES if each is not role)),
        ),
        *lake_rows(Who.EC2, via, "a rollout is CodeDeploy's", (NO, "sts:AssumeRole", role)),
        *lake_rows(
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
    *lake_rows(
        Who.S3,
        Via.FOR_LAKE_RAW,
        "S3 announces what is put (decision 45)",
        (YES, "sqs:SendMessage", On.CURATION_QUEUE),
        (NO, "sqs:ReceiveMessage sqs:DeleteMessage sqs:PurgeQueue", On.CURATION_QUEUE),
        (NO, "sqs:SendMessage", On.CURATION_DEAD_LETTERS),
    ),
    *lake_rows(Who.S3, Via.FOR_OTHER_BUCKET, "no other bucket makes us work", (NO, "sqs:SendMessage", _QUEUES)),
    *lake_rows(Who.SNS, Via.FOR_LAKE_RAW, "no other service", (NO, "sqs:SendMessage", _QUEUES)),
    *lake_rows(Who.S3, Via.FOR_STRANGERS_LAKE_RAW, "names can be taken over", (NO, "sqs:SendMessage", _QUEUES)),
)

SITE: Final = (
    *lake_rows(
        Who.CLOUDFRONT,
        Via.FOR_SITE,
        "the dashboard's bucket is private: one distribution reads it",
        (YES, "s3:GetObject", On.SITE_FILE),
        (YES, "s3:ListBucket", On.SITE),
        (NO, "s3:PutObject s3:DeleteObject s3:GetObjectVersion", On.SITE_FILE),
        (NO, "s3:ListBucketVersions s3:GetBucketPolicy", On.SITE),
        (NO, "s3:GetObject", _OBJECTS),
        (NO, "s3:ListBucket", On.LAKE_RAW),
    ),
    *(
        row
        for who, via in ((Who.CLOUDFRONT, Via.FOR_OTHER_SITE), (Who.SNS, Via.FOR_SITE), (Who.ANYBODY, Via.INTERNET))
        for row in lake_rows(
            who, via, "for this distribution alone", (NO, "s3:GetObject", On.SITE_FILE), (NO, "s3:ListBucket", On.SITE)
        )
    ),
    *(
        row
        for via in (Via.INTERNET_TLS_1_1, Via.INTERNET_PLAIN)
        for row in lake_rows(
            Who.ADMINISTRATOR,
            via,
            _TRANSIT,
            (NEVER, "s3:GetObject s3:PutObject s3:DeleteObject", On.SITE_FILE),
            (NEVER, "s3:ListBucket s3:PutBucketPolicy", On.SITE),
        )
    ),
)

PEOPLE: Final = (
    *lake_rows(
        Who.OPERATOR,
        Via.INTERNET,
        "they look, rebuild and redrive; raw is immutable for them too (document 4)",
        (YES, f"{READ} s3:RestoreObject", _OBJECTS),
        (YES, f"s3:ListBucket {CONFIGURE}", On.LAKE_RAW),
        (YES, "sqs:ReceiveMessage sqs:SendMessage", _QUEUES),
        (NEVER, f"s3:PutObject {CHANGE} {DELETE}", (*_OBJECTS, On.LAKE_STRAY)),
        (NEVER, "secretsmanager:GetSecretValue", On.SOURCE_SECRET),
        (YES, "secretsmanager:PutSecretValue secretsmanager:DescribeSecret", On.SOURCE_SECRET),
    ),
    *lake_rows(
        Who.OPERATOR, Via.IF_NEW, "nobody but functions writes", (NEVER, "s3:PutObject", (*_OBJECTS, On.LAKE_STRAY))
    ),
    *lake_rows(
        Who.ADMINISTRATOR,
        Via.INTERNET,
        "raw is for those who are named: sources send passwords",
        (NEVER, f"{READ} s3:RestoreObject s3:PutObject {CHANGE} {DELETE}", _OBJECTS),
        (NEVER, f"s3:GetObject {DELETE}", On.LAKE_STRAY),
        (YES, f"s3:ListBucket {CONFIGURE}", On.LAKE_RAW),
        (NEVER, "secretsmanager:GetSecretValue", On.SOURCE_SECRET),
    ),
    *(
        row
        for via in (Via.INTERNET_TLS_1_1, Via.INTERNET_PLAIN)
        for row in lake_rows(
            Who.OPERATOR,
            via,
            _TRANSIT,
            (NEVER, "s3:GetObject s3:PutObject s3:DeleteObject", _OBJECTS),
            (NEVER, "s3:ListBucket s3:PutBucketPolicy", On.LAKE_RAW),
        )
    ),
    *lake_rows(Who.OPERATOR, Via.INTERNET_PLAIN, _TRANSIT, (NEVER, "sqs:ReceiveMessage sqs:SendMessage", _QUEUES)),
    *(
        row
        for who in (Who.STRANGER, Who.ANYBODY)
        for row in lake_rows(
            who,
            Via.INTERNET,
            "nobody else",
            (NO, "s3:GetObject s3:PutObject s3:DeleteObject", _OBJECTS),
            (NO, "s3:ListBucket s3:PutBucketPolicy", On.LAKE_RAW),
            (NO, "sqs:SendMessage sqs:ReceiveMessage", _QUEUES),
            (NO, "secretsmanager:GetSecretValue", On.SOURCE_SECRET),
        )
    ),
)
