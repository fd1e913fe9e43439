"""Which archived bundles can be read, by what S3 answers to a HEAD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError
from harness.consumer import make_bundle

from baler.cli.s3 import S3RefusedError
from baler.files.archive.bucket import ArchiveBucket, Availability, RestoreOptions, Tier
from baler.files.archive.restore_cost import cost_of_restoring

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUNDLE_ID, _ = make_bundle([("a", b"alpha")])


class S3:
    """Answers a HEAD with these fields, and keeps the restores that it was asked for, or refuses them with a code."""

    def __init__(self, head: dict[str, str], refusal: str | None = None) -> None:
        self._head = head
        self._refusal = refusal
        self.asked: list[dict[str, Any]] = []

    def head_object(self, **_: object) -> dict[str, object]:
        return {"ContentLength": 5_000_000_000, "ETag": '"e"', "Metadata": {}, **self._head}

    def restore_object(self, **request: Any) -> None:
        self.asked.append(request["RestoreRequest"])
        if self._refusal is not None:
            answer: Any = {"Error": {"Code": self._refusal}, "ResponseMetadata": {"HTTPStatusCode": 403}}
            raise ClientError(answer, "RestoreObject")


def archive_of(s3: S3) -> ArchiveBucket:
    return ArchiveBucket(cast("S3Client", s3), "archive")


COPIED = 'ongoing-request="false", expiry-date="Fri, 04 Dec 2026 00:00:00 GMT"'
ON_ITS_WAY = 'ongoing-request="true"'
TIERED = {"StorageClass": "INTELLIGENT_TIERING"}


@pytest.mark.parametrize(
    ("head", "availability"),
    [
        ({}, Availability.READABLE),
        ({"StorageClass": "STANDARD_IA"}, Availability.READABLE),
        ({"StorageClass": "GLACIER_IR"}, Availability.READABLE),
        ({"StorageClass": "GLACIER"}, Availability.ASLEEP),
        ({"StorageClass": "DEEP_ARCHIVE"}, Availability.ASLEEP),
        ({"StorageClass": "DEEP_ARCHIVE", "Restore": ON_ITS_WAY}, Availability.RESTORING),
        ({"StorageClass": "DEEP_ARCHIVE", "Restore": COPIED}, Availability.READABLE),
        (TIERED, Availability.READABLE),
        ({**TIERED, "Restore": COPIED}, Availability.READABLE),
        ({**TIERED, "ArchiveStatus": "ARCHIVE_ACCESS"}, Availability.ASLEEP),
        ({**TIERED, "ArchiveStatus": "DEEP_ARCHIVE_ACCESS"}, Availability.ASLEEP),
        ({**TIERED, "ArchiveStatus": "DEEP_ARCHIVE_ACCESS", "Restore": ON_ITS_WAY}, Availability.RESTORING),
        ({**TIERED, "ArchiveStatus": "DEEP_ARCHIVE_ACCESS", "Restore": COPIED}, Availability.ASLEEP),
    ],
)
def test_what_can_be_read_is_told_from_what_must_be_restored(head: dict[str, str], availability: Availability) -> None:
    assert archive_of(S3(head)).inspect(BUNDLE_ID).availability is availability


@pytest.mark.parametrize("tier", ["standard", "bulk"])
def test_a_restore_names_days_only_where_a_copy_is_made(tier: Tier) -> None:
    for head, days in (
        ({"StorageClass": "DEEP_ARCHIVE"}, {"Days": 7}),
        ({**TIERED, "ArchiveStatus": "ARCHIVE_ACCESS"}, {}),
    ):
        s3 = S3(head)
        archive = archive_of(s3)
        archive.restore(archive.inspect(BUNDLE_ID), RestoreOptions(tier, 7))
        assert s3.asked == [{"GlacierJobParameters": {"Tier": tier.capitalize()}, **days}]


@pytest.mark.parametrize("answer", ["RestoreAlreadyInProgress", "ObjectAlreadyInActiveTierError"])
def test_a_restore_of_what_is_on_its_way_or_awake_by_now_is_as_good(answer: str) -> None:
    archive = archive_of(S3({**TIERED, "ArchiveStatus": "ARCHIVE_ACCESS"}, answer))
    archive.restore(archive.inspect(BUNDLE_ID), RestoreOptions("standard", 7))


def test_a_restore_that_is_denied_is_an_error() -> None:
    archive = archive_of(S3({"StorageClass": "DEEP_ARCHIVE"}, "AccessDenied"))
    with pytest.raises(S3RefusedError):
        archive.restore(archive.inspect(BUNDLE_ID), RestoreOptions("standard", 7))


def test_intelligent_tiering_restores_without_charge() -> None:
    costs = [
        cost_of_restoring([archive_of(S3(head)).inspect(BUNDLE_ID)], RestoreOptions("bulk", 7)).total
        for head in ({**TIERED, "ArchiveStatus": "ARCHIVE_ACCESS"}, {"StorageClass": "DEEP_ARCHIVE"})
    ]
    assert costs[0] == 0 < costs[1]
