"""Unpacking believes nothing: whatever is wrong with a bundle is found, and nothing of it is delivered."""

from __future__ import annotations

import gzip
import json
import os
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from harness.consumer import make_bundle, members_of, pack, with_manifest
from hypothesis import given, settings
from hypothesis import strategies as st

from baler.files.bundle.manifest import MEMBER
from baler.files.unpacking.unpack import BadBundleError, UnpackLimits, unpack

FILES = [("a", b"alpha"), ("b/c", b"beta" * 1000), ("empty", b"")]
BUNDLE_ID, BODY = make_bundle(FILES)
LIMITS = UnpackLimits(bytes=1_000_000, files=10)


def members() -> list[tuple[tarfile.TarInfo, bytes]]:
    return members_of(BODY)


def try_unpack(body: bytes, limits: UnpackLimits = LIMITS, bundle_id: str = BUNDLE_ID) -> dict[str, bytes]:
    with TemporaryDirectory() as folder:
        archive = Path(folder) / "bundle"
        archive.write_bytes(body)
        staging = Path(folder) / "staging"
        manifest = unpack(archive, bundle_id, staging, limits, lambda: None)
        return {file.key: (staging / f"{number:05d}").read_bytes() for number, file in enumerate(manifest.files)}


def test_an_honest_bundle_unpacks_to_its_files() -> None:
    assert try_unpack(BODY) == dict(FILES)


def special(kind: bytes) -> bytes:
    member = tarfile.TarInfo("files/special")
    member.type = kind
    member.linkname = "/etc/passwd"
    return pack([(member, b""), *members()])


def hollow_extended_header(claimed: int) -> bytes:
    member = tarfile.TarInfo("././@PaxHeader")
    member.type = tarfile.XHDTYPE
    member.size = claimed
    return gzip.compress(member.tobuf(tarfile.USTAR_FORMAT) + b"1" * 10_000)


def chained_extended_headers() -> bytes:
    member = tarfile.TarInfo("././@PaxHeader")
    member.type = tarfile.XHDTYPE
    return gzip.compress(member.tobuf(tarfile.USTAR_FORMAT) * 1900)


def sparse_by_extended_header() -> bytes:
    member = tarfile.TarInfo("files/sparse")
    member.pax_headers = {f"GNU.sparse.{name}": value for name, value in (("major", "1"), ("minor", "0"))}
    member.pax_headers |= {"GNU.sparse.name": "files/sparse", "GNU.sparse.realsize": "0"}
    return pack([(member, b"0\n".ljust(512, b"\0")), *members()])


def swapped() -> bytes:
    first, second, *rest = members()
    return pack([second, first, *rest])


BAD: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "not a readable"),
    "not gzip": (b"hello, world" * 100, "not a readable gzip"),
    "not tar": (gzip.compress(b"hello, world" * 100), "not a readable tar"),
    "cut": (BODY[: len(BODY) // 2], "not a readable gzip|middle of a file"),
    "cut checksum": (BODY[:-4], "not a readable gzip"),
    "wrong checksum": (BODY[:-8] + b"\0\0\0\0" + BODY[-4:], "not a readable gzip"),
    "rubbish after": (BODY + b"rubbish", "not a readable gzip"),
    "no manifest": (pack(members()[:-1]), "last member is not MANIFEST"),
    "no member": (pack([]), "last member is not MANIFEST"),
    "manifest first": (pack([members()[-1], *members()[:-1]]), "last member is not MANIFEST"),
    "two manifests": (pack([members()[-1], *members()]), "a second MANIFEST"),
    "manifest no JSON": (pack([*members()[:-1], (members()[-1][0], b"{")]), "not JSON"),
    "another bundle's": (
        with_manifest(BODY, lambda it: it.update(bundle_id="other")),
        "the manifest is of bundle 'other'",
    ),
    "a newer format": (with_manifest(BODY, lambda it: it.update(format_version=2)), "format version 2"),
    "another hash": (with_manifest(BODY, lambda it: it["files"][0].update(sha256="0" * 64)), "'a' has SHA-256"),
    "another size": (with_manifest(BODY, lambda it: it["files"][1].update(size=1)), "'b/c' has 4000 bytes"),
    "a file too few": (pack(members()[1:]), "2 files, but the manifest has 3"),
    "a file too many": (pack([(tarfile.TarInfo("files/x"), b""), *members()]), "4 files, but the manifest has 3"),
    "another order": (swapped(), "member 0 is 'files/b/c'"),
    "another name": (
        with_manifest(BODY, lambda it: it["files"][0].update(member="files/z")),
        "the manifest says 'files/z'",
    ),
    "symlink": (special(tarfile.SYMTYPE), "not a regular file"),
    "hard link": (special(tarfile.LNKTYPE), "not a regular file"),
    "folder": (special(tarfile.DIRTYPE), "not a regular file"),
    "device": (special(tarfile.CHRTYPE), "not a regular file"),
    "pipe": (special(tarfile.FIFOTYPE), "not a regular file"),
    "sparse": (special(tarfile.GNUTYPE_SPARSE), "not a regular file|not a readable"),
    "sparse by extended header": (sparse_by_extended_header(), "not a regular file"),
    "header of a gigabyte": (hollow_extended_header(10**9), "a header claims"),
    "endless headers": (chained_extended_headers(), "not a readable tar"),
    "bomb": (pack([(tarfile.TarInfo("files/zeros"), bytes(50_000_000))]), "more than 1000000 bytes"),
}


@pytest.mark.parametrize(("body", "reason"), BAD.values(), ids=BAD.keys())
def test_a_bad_bundle_is_refused_with_the_reason(body: bytes, reason: str) -> None:
    with pytest.raises(BadBundleError, match=reason):
        try_unpack(body)


def test_more_files_than_the_limit_are_refused() -> None:
    with pytest.raises(BadBundleError, match="more than 2 files"):
        try_unpack(BODY, UnpackLimits(bytes=1_000_000, files=2))
    assert try_unpack(BODY, UnpackLimits(bytes=1_000_000, files=3))


def test_a_manifest_too_large_for_memory_is_refused() -> None:
    body = with_manifest(BODY, lambda it: it.update(padding="x" * 100_000))
    with pytest.raises(BadBundleError, match="too many for 10 files"):
        try_unpack(body)


def test_a_member_name_is_never_a_path(tmp_path: Path) -> None:
    *files, (member, document) = members()
    files[0][0].name = "../../escaped"
    fields = json.loads(document)
    fields["files"][0]["member"] = "../../escaped"
    archive = tmp_path / "archive"
    archive.write_bytes(pack([*files, (member, json.dumps(fields).encode())]))
    unpack(archive, BUNDLE_ID, tmp_path / "staging", LIMITS, lambda: None)
    assert {path.name for path in tmp_path.iterdir()} == {"archive", "staging"}
    assert {path.name for path in (tmp_path / "staging").iterdir()} == {"00000", "00001", "00002", MEMBER}


def test_a_large_file_does_not_pass_through_memory(tmp_path: Path) -> None:
    import tracemalloc  # noqa: PLC0415 - slows everything that is measured with it

    content = os.urandom(20_000_000)
    bundle_id, body = make_bundle([("large", content)])
    archive = tmp_path / "archive"
    archive.write_bytes(body)
    tracemalloc.start()
    try:
        unpack(archive, bundle_id, tmp_path / "staging", UnpackLimits(bytes=10**8, files=10), lambda: None)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3_000_000


TAR = gzip.decompress(BODY)


@pytest.mark.requirement("PULL-NFR-09")
@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, len(TAR) - 1), st.binary(min_size=1, max_size=20)), min_size=1, max_size=6))
def test_any_damage_is_refused_or_changes_nothing(damages: list[tuple[int, bytes]]) -> None:
    raw = bytearray(TAR)
    for position, noise in damages:
        raw[position : position + len(noise)] = noise
    try:
        files = try_unpack(gzip.compress(bytes(raw), compresslevel=0))
    except BadBundleError:
        return
    assert sorted(files.values()) == sorted(content for _, content in FILES)
