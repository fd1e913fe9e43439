"""What the on-premises consumer may do, and what the endpoints for the premises let through."""

from __future__ import annotations

from typing import Final

from access_matrix.phrases import (
    ARCHIVED,
    CHANGE,
    CLAIM,
    CONFIGURE,
    HOLD,
    NEVER,
    NO,
    NOT_IN_PRIVATE,
    OUTSIDE,
    QUEUES,
    YES,
)
from access_matrix.row import rows
from access_matrix.vocabulary import Layer, On, Via, Who

CONSUMER: Final = (
    *rows(
        Who.CONSUMER,
        Via.PREMISES,
        "REQ-06, 5.1 consumer",
        (YES, "s3:GetObject s3:DeleteObject", On.MAILED_BUNDLE),
        (YES, "s3:ListBucket", On.MAILBOX),
    ),
    *rows(
        Who.CONSUMER,
        Via.PREMISES,
        "5.1 consumer, 5.2 bucket policy, 8.4",
        (NEVER, f"s3:PutObject s3:GetObjectVersion s3:DeleteObjectVersion {CHANGE}", On.MAILED_BUNDLE),
        (NEVER, "s3:GetObject s3:DeleteObject s3:PutObject", On.MAILBOX_STRAY),
        (NEVER, f"s3:ListBucketVersions s3:GetBucketPolicy {CONFIGURE}", On.MAILBOX),
        (NEVER, "s3:GetObject s3:PutObject s3:DeleteObject", (On.LANDED_FILE, *ARCHIVED, *OUTSIDE)),
        (NEVER, "s3:ListBucket", (On.LANDING, On.ARCHIVE, On.OTHER_BUCKET, On.STRANGERS_BUCKET)),
        (NEVER, "s3:ListAllMyBuckets", On.EVERYTHING),
        (NEVER, "sqs:SendMessage sqs:ReceiveMessage", QUEUES),
        (NEVER, CLAIM, On.CLAIMS),
        (NEVER, "lambda:InvokeFunction", On.FUNCTION),
        (NEVER, "sts:AssumeRole", (On.AGGREGATOR_ROLE, On.EXTERNAL_PARTY_ROLE)),
    ),
    *rows(
        Who.CONSUMER,
        Via.INTERNET,
        "NFR-10: over the private channel",
        (NOT_IN_PRIVATE, "s3:GetObject s3:DeleteObject", On.MAILED_BUNDLE),
        (NOT_IN_PRIVATE, "s3:ListBucket", On.MAILBOX),
    ),
    *(
        row
        for via in (Via.FUNCTION, Via.STRANGERS_ENDPOINT)
        for row in rows(
            Who.CONSUMER,
            via,
            "NFR-10: through its own endpoint alone",
            ((None, NEVER), "s3:GetObject s3:DeleteObject", On.MAILED_BUNDLE),
            ((None, NEVER), "s3:ListBucket", On.MAILBOX),
        )
    ),
    *(
        row
        for via in (Via.PREMISES_TLS_1_1, Via.PREMISES_PLAIN)
        for row in rows(
            Who.CONSUMER,
            via,
            "5.1 in transit",
            (NEVER, "s3:GetObject s3:DeleteObject", On.MAILED_BUNDLE),
            (NEVER, "s3:ListBucket", On.MAILBOX),
        )
    ),
    *rows(
        Who.OPERATOR,
        Via.PREMISES,
        "NFR-10: the endpoint leads to the mailbox alone",
        (YES, "s3:GetObject s3:DeleteObject", On.MAILED_BUNDLE),
        (YES, "s3:ListBucket", On.MAILBOX),
        ((YES, NEVER), "s3:GetObject", (On.LANDED_FILE, *ARCHIVED, On.OTHER_OBJECT)),
        ((YES, NEVER), "s3:PutObject", On.MAILED_BUNDLE),
        ((YES, NEVER), "s3:GetObject", On.MAILBOX_STRAY),
        ((YES, NEVER), "s3:ListBucket", (On.LANDING, On.ARCHIVE, On.OTHER_BUCKET)),
        ((YES, NEVER), "s3:PutBucketPolicy", On.MAILBOX),
    ),
    *rows(
        Who.STRANGER,
        Via.PREMISES,
        "NFR-10: nothing is carried out with somebody else's credentials",
        ((None, NO), "s3:GetObject s3:PutObject", On.STRANGERS_OBJECT),
        ((None, NO), "s3:GetObject s3:DeleteObject", On.MAILED_BUNDLE),
        ((None, NO), "s3:ListBucket", On.MAILBOX),
    ),
)

LEASE: Final = (
    *rows(
        Who.CONSUMER,
        Via.PREMISES,
        "one consumer works, the others stand by",
        (YES, HOLD, On.LEASE),
        (NEVER, "dynamodb:DeleteItem dynamodb:Query dynamodb:Scan dynamodb:DeleteTable dynamodb:UpdateTable", On.LEASE),
        (NEVER, HOLD, (On.CLAIMS, On.OTHER_TABLE)),
    ),
    *rows(Who.CONSUMER, Via.INTERNET, "NFR-10: over the private channel", (NOT_IN_PRIVATE, HOLD, On.LEASE)),
    *rows(
        Who.CONSUMER,
        Via.STRANGERS_ENDPOINT,
        "NFR-10: through its own endpoint alone",
        ((None, NEVER), HOLD, On.LEASE),
    ),
    *rows(
        Who.CONSUMER,
        Via.PREMISES,
        "5.1 consumer: denied access to all other resources",
        (NEVER, HOLD, (On.CLAIMS, On.OTHER_TABLE)),
        (NEVER, "dynamodb:DeleteItem dynamodb:Scan", On.LEASE),
        without=(Layer.ENDPOINT,),
    ),
    *rows(
        Who.AGGREGATOR,
        Via.FUNCTION,
        "5.1: only the consumers' own",
        (NO, HOLD, On.LEASE),
    ),
    *rows(
        Who.OPERATOR,
        Via.PREMISES,
        "NFR-10: the endpoint leads to the lease alone",
        ((None, NEVER), HOLD, (On.CLAIMS, On.OTHER_TABLE)),
        ((None, NEVER), "dynamodb:DeleteItem dynamodb:Scan", On.LEASE),
    ),
    *rows(
        Who.STRANGER,
        Via.PREMISES,
        "NFR-10: nothing is carried out with somebody else's credentials",
        ((None, NO), HOLD, On.LEASE),
        without=(Layer.RESOURCE,),
    ),
)

CONSUMER_TWICE: Final = tuple(
    row
    for lost in ((Layer.ROLE, Layer.ENDPOINT), (Layer.RESOURCE, Layer.ENDPOINT))
    for row in (
        *rows(
            Who.CONSUMER,
            Via.PREMISES,
            "5.2 bucket policy: denies any action other than get, list, delete",
            (NEVER, f"s3:PutObject s3:GetObjectVersion s3:DeleteObjectVersion {CHANGE}", On.MAILED_BUNDLE),
            (NEVER, f"s3:ListBucketVersions {CONFIGURE}", On.MAILBOX),
            (NEVER, "s3:GetObject s3:DeleteObject", (On.LANDED_FILE, *ARCHIVED)),
            without=lost,
        ),
        *(
            row
            for via in (Via.INTERNET, Via.FUNCTION, Via.STRANGERS_ENDPOINT)
            for row in rows(
                Who.CONSUMER,
                via,
                "NFR-10: through its own endpoint alone",
                ((None, NEVER), "s3:GetObject s3:DeleteObject", On.MAILED_BUNDLE),
                ((None, NEVER), "s3:ListBucket", On.MAILBOX),
                without=lost,
            )
        ),
    )
) + rows(
    Who.CONSUMER,
    Via.PREMISES,
    "5.1 consumer: denied access to all other resources",
    (NEVER, "s3:GetObject s3:DeleteObject", (On.MAILBOX_STRAY, *OUTSIDE)),
    (NEVER, "s3:ListBucket", (On.LANDING, On.ARCHIVE, On.OTHER_BUCKET, On.STRANGERS_BUCKET)),
    without=(Layer.RESOURCE, Layer.ENDPOINT),
)

ENDPOINTS_ALONE: Final = (
    *rows(
        Who.STRANGER,
        Via.PREMISES,
        "NFR-10: nothing is carried out with somebody else's credentials",
        ((None, NO), "s3:GetObject s3:DeleteObject s3:PutObject", (On.MAILED_BUNDLE, On.STRANGERS_OBJECT)),
        ((None, NO), "s3:ListBucket", (On.MAILBOX, On.STRANGERS_BUCKET)),
        ((None, NO), "sts:AssumeRole", On.CONSUMER_ROLE),
        without=(Layer.RESOURCE,),
    ),
    *rows(
        Who.OUR_COLLECTOR,
        Via.PREMISES,
        "NFR-10: the premises become the consumer and nobody else",
        ((None, NEVER), "sts:AssumeRole", (On.AGGREGATOR_ROLE, On.EXTERNAL_PARTY_ROLE)),
        ((None, NEVER), "sts:TagSession sts:SetSourceIdentity", On.CONSUMER_ROLE),
        without=(Layer.RESOURCE,),
    ),
)
