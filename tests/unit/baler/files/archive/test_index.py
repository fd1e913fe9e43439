"""Entries of the index that are damaged: named, counted, and passed over."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from harness.archive import ARCHIVE, ArchiveSite
from moto import mock_aws

from baler.cli.period import Period
from baler.cli.s3 import S3RefusedError
from baler.files.archive.bucket import ArchiveBucket
from baler.files.archive.file_filter import FileFilter
from baler.files.archive.index import search
from baler.files.bundle.ids import manifest_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from baler.cli.report import Event

MORNING = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def site(aws_settings: None) -> Iterator[ArchiveSite]:  # noqa: ARG001 - sets the environment
    with mock_aws():
        yield ArchiveSite(boto3.client("s3"))


def changed(**fields: Any) -> Callable[[bytes], bytes]:
    def change(entry: bytes) -> bytes:
        document = json.loads(gzip.decompress(entry))
        document["files"][0].update(fields.pop("file", {}))
        return gzip.compress(json.dumps(document | fields).encode())

    return change


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "no gzip": lambda _: b"no gzip",
    "empty": lambda _: b"",
    "cut": lambda entry: entry[:-9],
    "a block that is none": lambda entry: entry[:10] + b"\x07" + entry[11:],
    "bytes behind its end": lambda entry: entry + b"garbage",
    "a second member": lambda entry: entry + gzip.compress(b""),
    "a bomb": lambda _: gzip.compress(bytes(64 * 1024 * 1024)),
    "too large as it is": lambda _: bytes(9 * 1024 * 1024),
    "no JSON": lambda _: gzip.compress(b"{"),
    "deep JSON": lambda _: gzip.compress(b"[" * 200_000),
    "a list": lambda _: gzip.compress(b"[]"),
    "another bundle's": changed(bundle_id="20261120T090000000Z-ffffffffffffffff"),
    "no files": changed(files=None),
    "a size that is no number": changed(file={"size": "1"}),
    "a size that no object has": changed(file={"size": 10**400}),
    "a newer format": changed(format_version=99),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_entry_is_named_the_search_is_incomplete_and_the_rest_is_found(
    site: ArchiveSite, damage: Callable[[bytes], bytes]
) -> None:
    first = site.archive(MORNING, [("k", b"1")])
    damaged = site.archive(MORNING + timedelta(hours=1), [("k", b"2")])
    last = site.archive(MORNING + timedelta(hours=2), [("k", b"3")])
    key = manifest_key(damaged)
    entry = site.client.get_object(Bucket=ARCHIVE, Key=key)["Body"].read()
    site.client.put_object(Bucket=ARCHIVE, Key=key, Body=damage(entry))

    events: list[Event] = []
    result = search(ArchiveBucket(site.client, ARCHIVE), FileFilter.of(["k"]), Period(), events.append)

    assert [found.bundle.bundle_id for found in result.found] == [first, last]
    assert result.unreadable == 1
    named, incomplete = events
    assert (named.kind, incomplete.kind) == ("damaged", "incomplete")
    assert damaged in named.text
    assert "1 bundle of 3" in incomplete.text


def test_a_bundle_whose_entry_is_missing_makes_the_search_incomplete(site: ArchiveSite) -> None:
    bundle_id = site.archive(MORNING, [("k", b"1")])
    site.client.delete_object(Bucket=ARCHIVE, Key=manifest_key(bundle_id))
    events: list[Event] = []
    result = search(ArchiveBucket(site.client, ARCHIVE), FileFilter.of(["k"]), Period(), events.append)
    assert (result.found, result.unreadable) == ([], 1)
    assert f"the index entry of {bundle_id} is missing" in events[0].text


def test_a_registered_bundle_that_was_removed_is_named_where_it_held_what_is_searched_for(site: ArchiveSite) -> None:
    bundle_id = site.archive(MORNING, [("k", b"1")])
    site.register(MORNING + timedelta(hours=3))
    site.forget(bundle_id)
    events: list[Event] = []
    assert search(ArchiveBucket(site.client, ARCHIVE), FileFilter.of(["k"]), Period(), events.append).found == []
    assert [(event.kind, event.fields["bundle_id"]) for event in events] == [("removed", bundle_id)]


def test_an_index_that_may_not_be_read_at_all_is_refused_and_one_entry_is_named(
    site: ArchiveSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [site.archive(MORNING + timedelta(hours=hour), [("k", b"1")]) for hour in range(3)]
    archive = ArchiveBucket(site.client, ARCHIVE)
    real = archive.manifest

    def refusing(*refused: str) -> None:
        def manifest(bundle_id: str, parsing: Any = None) -> Any:
            if bundle_id in refused:
                raise S3RefusedError("Access is denied")
            return real(bundle_id, parsing)

        monkeypatch.setattr(archive, "manifest", manifest)

    refusing(ids[1])
    assert search(archive, FileFilter.of(["k"]), Period(), lambda _: None).unreadable == 1
    refusing(*ids)
    with pytest.raises(S3RefusedError):
        search(archive, FileFilter.of(["k"]), Period(), lambda _: None)
