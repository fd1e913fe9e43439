from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tarfile
import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baler.files.bundle.ids import bundle_id_of, bundle_key, indexed_bundle_id, manifest_key, new_bundle_id
from baler.files.bundle.manifest import Manifest, ManifestError
from baler.files.bundle.members import MemberNames, is_safe_path
from baler.files.bundle.writer import Bundle, BundleWriter
from baler.files.landed_file import LandedFile

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_795_165_262.345
BUNDLE_ID = new_bundle_id(NOW, bytes.fromhex("9f86d081884c7d65"))
LANDED_AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def landed(key: str, version: str = "v1") -> LandedFile:
    return LandedFile("landing", key, version, "etag", 0, LANDED_AT)


def bundled(contents: dict[LandedFile, bytes]) -> tuple[bytes, str]:
    bundle, body = written(contents)
    return body, bundle.sha256


def written(contents: dict[LandedFile, bytes]) -> tuple[Bundle, bytes]:
    with BundleWriter(BUNDLE_ID, NOW, 1_000_000) as writer:
        for file, content in contents.items():
            writer.add(file, io.BytesIO(content), len(content), hashlib.sha256(content).hexdigest())
        bundle = writer.finish()
        bundle.body.seek(0)
        body = bundle.body.read()
        assert len(body) == bundle.size
        return bundle, body


def test_a_bundle_id_tells_its_time_and_its_key() -> None:
    assert BUNDLE_ID == "20261120T090102345Z-9f86d081884c7d65"
    assert bundle_key(BUNDLE_ID) == f"bundles/2026/11/20/{BUNDLE_ID}.tar.gz"
    assert bundle_id_of(bundle_key(BUNDLE_ID)) == BUNDLE_ID


def test_a_bundles_entry_in_the_index_lies_below_the_same_day() -> None:
    assert manifest_key(BUNDLE_ID) == f"manifests/2026/11/20/{BUNDLE_ID}.json.gz"
    assert indexed_bundle_id(manifest_key(BUNDLE_ID)) == BUNDLE_ID
    with pytest.raises(ValueError, match="not the key of a manifest"):
        indexed_bundle_id(bundle_key(BUNDLE_ID))


def test_bundle_ids_sort_by_time_whatever_their_random_part() -> None:
    times = [NOW, NOW + 0.001, NOW + 1, NOW + 86_400, NOW + 40 * 86_400]
    ids = [new_bundle_id(time, bytes([255 - number] * 8)) for number, time in enumerate(times)]
    assert ids == sorted(ids)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "bundles/",
        "bundles/2026/11/20/notes.txt",
        "bundles/2026/11/21/20261120T090102345Z-9f86d081884c7d65.tar.gz",
        "2026/11/20/20261120T090102345Z-9f86d081884c7d65.tar.gz",
        "bundles/2026/11/20/20261120T090102345Z-9f86d081884c7d65",
    ],
)
def test_a_key_under_which_no_bundle_lies_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="not the key of a bundle"):
        bundle_id_of(key)


@pytest.mark.requirement("PULL-REQ-03", "PULL-NFR-09")
def test_a_bundle_unpacks_with_plain_tar_and_checks_with_plain_sha256sum(tmp_path: Path) -> None:
    contents = {landed("a/b c+%#ü.txt"): b"one", landed(".empty"): b"", landed("-dash"): b"x" * 300_000}
    body, sha256 = bundled(contents)
    (tmp_path / "bundle.tar.gz").write_bytes(body)
    (tmp_path / "sums").write_text(f"{sha256}  bundle.tar.gz\n")

    subprocess.run(["sha256sum", "--check", "--status", "sums"], cwd=tmp_path, check=True)
    subprocess.run(["tar", "xzf", "bundle.tar.gz"], cwd=tmp_path, check=True)

    for file, content in contents.items():
        assert (tmp_path / "files" / file.key).read_bytes() == content


@pytest.mark.requirement("PULL-NFR-09")
def test_the_manifest_is_the_last_member_and_describes_every_other() -> None:
    contents = {landed("a"): b"one", landed("a", "v2"): b"two", landed("../b"): b"three"}
    bundle, body = written(contents)
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        names = tar.getnames()
        assert names[-1] == "MANIFEST.json"
        assert bundle.manifest == _content(tar, "MANIFEST.json")
        manifest = Manifest.parse(bundle.manifest)
        assert [file.member for file in manifest.files] == names[:-1]
        assert [(file.key, file.version_id) for file in manifest.files] == [("a", "v1"), ("a", "v2"), ("../b", "v1")]
        for file in manifest.files:
            content = _content(tar, file.member)
            assert (len(content), hashlib.sha256(content).hexdigest()) == (file.size, file.sha256)
    assert manifest.bundle_id == BUNDLE_ID
    assert manifest.created_at == "2026-11-20T09:01:02.345Z"


def _content(tar: tarfile.TarFile, member: str) -> bytes:
    stream = tar.extractfile(member)
    assert stream is not None
    return stream.read()


def test_the_same_files_make_the_same_bytes() -> None:
    contents = {landed("a"): b"one", landed("b"): b"two"}
    assert bundled(contents) == bundled(contents)


@pytest.mark.parametrize(
    "key",
    [
        "/etc/passwd",
        "../up",
        "a/../../up",
        "a//b",
        "a/",
        "./a",
        "a/./b",
        "..",
        "line\nbreak",
        "bell\x07",
        "x" * 256,
        "é" * 128,
        "",
        *(f"a{letter}b" for letter in '<>:"|?*\\\x7f'),
        "C:\\x",
        "..\\..\\up",
        "trailing.",
        "trailing ",
        "folder./a",
        "folder /a",
        "...",
        " ",
        "con",
        "NUL.txt",
        "nul .txt",
        "a/Com1",
        "lpt9.tar.gz/a",
        "COM²",
        "conout$",
        "aux.",
    ],
)
def test_an_unsafe_key_gets_a_member_name_made_of_a_hash(key: str) -> None:
    member = MemberNames().assign(landed(key))
    assert member.startswith("unsafe/")
    assert is_safe_path(member)


@pytest.mark.parametrize(
    "key", ["console", "nul-1", "com", "com10", "lpt", "a.nul", "auxiliary.txt", ".hidden", "a b", "..a", "é", "日本語"]
)
def test_a_key_that_only_looks_reserved_keeps_its_name(key: str) -> None:
    assert MemberNames().assign(landed(key)) == f"files/{key}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("\u039c\u03b1\u0390\u03bf\u03c5.csv", "\u039c\u03b1\u0390\u03bf\u03c5.csv".upper()),
        ("\u0388.csv", "\u03f5\u0301.csv"),
        ("stra\u00dfe", "STRASSE"),
        ("\u0130", "i\u0307"),
        ("folder\u0390/a", "FOLDER\u0399\u0308\u0301"),
        ("\u1e9e/a", "SS/A"),
    ],
)
def test_keys_that_are_a_canonical_caseless_match_get_names_of_their_own(one: str, other: str) -> None:
    for keys in ((one, other), (other, one)):
        names = MemberNames()
        first, second = (names.assign(landed(key, f"v{number}")) for number, key in enumerate(keys))
        assert (first, second[:7]) == (f"files/{keys[0]}", "unsafe/")


def test_a_key_that_no_encoding_takes_is_no_safe_path() -> None:
    assert not is_safe_path("half a pair \ud800")


def test_keys_that_would_collide_when_unpacked_get_names_of_their_own() -> None:
    names = MemberNames()
    keys = ["a", "a", "a/b", "A", "c/d", "c", "caf\u00e9", "cafe\u0301"]
    members = [names.assign(landed(key, f"v{number}")) for number, key in enumerate(keys)]
    assert len(set(members)) == len(keys)
    assert [member for member in members if member.startswith("files/")] == ["files/a", "files/c/d", "files/caf\u00e9"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40), min_size=1, max_size=12))
def test_whatever_the_keys_every_member_is_a_path_below_the_folder_and_no_two_are_one(keys: list[str]) -> None:
    names = MemberNames()
    members = [names.assign(landed(key, f"v{number}")) for number, key in enumerate(keys)]
    assert all(is_safe_path(member) for member in members)
    folded = {unicodedata.normalize("NFD", unicodedata.normalize("NFD", each).casefold()) for each in members}
    assert len(folded) == len(members)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"format_version": 2}, "format version 2"),
        ({"files": None}, "no list of files"),
        ({"files": [1]}, "file 0 of the manifest is not a JSON object"),
        ({"bundle_id": ""}, "bundle_id is missing"),
    ],
)
def test_a_manifest_that_is_not_one_is_refused(change: dict[str, object], complaint: str) -> None:
    good: dict[str, object] = {"format_version": 1, "bundle_id": BUNDLE_ID, "created_at": "now", "files": []}
    document = {**good, **change}
    with pytest.raises(ManifestError, match=complaint):
        Manifest.parse(json.dumps(document).encode())


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"key": 1}, "key is missing or not text"),
        ({"version_id": 1}, "version_id is neither"),
        ({"size": -1}, "size is not"),
        ({"size": True}, "size is not"),
        ({"sha256": "00"}, "64 hexadecimal"),
        ({"member": ""}, "member is missing"),
    ],
)
def test_a_file_entry_that_is_not_one_is_refused(change: dict[str, object], complaint: str) -> None:
    good = {"key": "k", "version_id": None, "size": 1, "event_time": "t", "sha256": "0" * 64, "member": "files/k"}
    document = {"format_version": 1, "bundle_id": BUNDLE_ID, "created_at": "now", "files": [{**good, **change}]}
    with pytest.raises(ManifestError, match=complaint):
        Manifest.parse(json.dumps(document).encode())


@given(st.binary(max_size=200))
def test_no_bytes_are_a_manifest_by_accident(document: bytes) -> None:
    with pytest.raises(ManifestError):
        Manifest.parse(document)


def test_a_manifest_that_names_a_member_twice_is_refused() -> None:
    entry = {"key": "k", "version_id": None, "size": 1, "event_time": "t", "sha256": "0" * 64, "member": "files/k"}
    document = {"format_version": 1, "bundle_id": BUNDLE_ID, "created_at": "now", "files": [entry, entry]}
    with pytest.raises(ManifestError, match="a member twice"):
        Manifest.parse(json.dumps(document).encode())
