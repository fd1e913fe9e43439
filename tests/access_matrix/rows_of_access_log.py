"""Who may write the record of who read what, who may read it, and that nobody changes it."""

from __future__ import annotations

from typing import Final

from access_matrix.phrases import NEVER, NO, ONLY_PRIVATE
from access_matrix.row import rows
from access_matrix.vocabulary import On, Via, Who

_NO: Final = (None, NO)
_NEVER: Final = (None, NEVER)
_READ: Final = "s3:GetObject s3:GetObjectVersion s3:GetObjectTagging"
_PUT: Final = "s3:PutObject s3:PutObjectTagging s3:ReplicateObject"
_DELETE: Final = "s3:DeleteObject s3:DeleteObjectVersion s3:ReplicateDelete"

ACCESS_LOG: Final = (
    *rows(
        Who.CLOUDTRAIL,
        Via.FOR_TRAIL,
        "5.1 least privilege: it writes the records of this account",
        (ONLY_PRIVATE, "s3:GetBucketAcl", On.ACCESS_LOG),
        (ONLY_PRIVATE, "s3:PutObject", On.ACCESS_RECORD),
        (_NO, "s3:PutObject", On.ACCESS_LOG_STRAY),
        (_NO, "s3:ListBucket s3:PutBucketPolicy", On.ACCESS_LOG),
        (_NO, f"{_READ} {_DELETE} s3:PutObjectAcl s3:PutObjectTagging", On.ACCESS_RECORD),
    ),
    *(
        row
        for via in (
            Via.FOR_TRAIL_TLS_1_1,
            Via.FOR_TRAIL_PLAIN,
            Via.FOR_OTHER_TRAIL,
            Via.FOR_STRANGERS_TRAIL,
        )
        for row in rows(
            Who.CLOUDTRAIL,
            via,
            "5.1 in transit, and for our trail alone",
            (_NO, "s3:GetBucketAcl", On.ACCESS_LOG),
            (_NO, "s3:PutObject", On.ACCESS_RECORD),
        )
    ),
    *rows(
        Who.S3,
        Via.FOR_TRAIL,
        "NFR-06",
        (_NO, "s3:GetBucketAcl", On.ACCESS_LOG),
        (_NO, "s3:PutObject", On.ACCESS_RECORD),
    ),
    *rows(
        Who.OPERATOR,
        Via.INTERNET,
        "5.2 integrity: who reads the record cannot change it",
        (ONLY_PRIVATE, _READ, On.ACCESS_RECORD),
        (ONLY_PRIVATE, "s3:ListBucket", On.ACCESS_LOG),
        (_NEVER, f"{_PUT} {_DELETE}", On.ACCESS_RECORD),
    ),
    *(
        row
        for via in (Via.INTERNET_TLS_1_1, Via.INTERNET_PLAIN)
        for row in rows(
            Who.OPERATOR,
            via,
            "5.1 in transit",
            (_NEVER, "s3:GetObject", On.ACCESS_RECORD),
            (_NEVER, "s3:ListBucket", On.ACCESS_LOG),
        )
    ),
    *rows(
        Who.ADMINISTRATOR,
        Via.INTERNET,
        "5.2 integrity",
        (_NEVER, f"{_READ} {_PUT} {_DELETE}", On.ACCESS_RECORD),
    ),
    *rows(
        Who.ANYBODY,
        Via.INTERNET,
        "5.1",
        (_NO, "s3:GetObject s3:PutObject", On.ACCESS_RECORD),
    ),
)
