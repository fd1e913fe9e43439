"""What was quarantined for a limit or a newer format is tried again when this consumer can take it, and no sooner."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from harness.consumer import MEBIBYTE, make_bundle, with_manifest

from baler.cli.exit_codes import ExitCode
from baler.commands.consume import receiver
from baler.files.bundle import manifest
from baler.files.bundle.ids import bundle_key
from baler.files.bundle.manifest import META_FORMAT_VERSION, META_SHA256
from baler.files.ledger import ledger
from baler.files.ledger.ledger import Ledger
from baler.files.unpacking.bad_bundle import Hurdle, Need, UnpackLimits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from harness.consumer import Site


FILES = [("a", b"x" * 30_000), ("b", b"y"), ("c", b"z")]
LARGE = UnpackLimits(bytes=64 * MEBIBYTE, files=100)


def downloads(site: Site) -> list[str]:
    """Count the downloads from here on."""
    seen: list[str] = []
    site.hook = lambda name: seen.append(name) if name.startswith("get ") else None
    return seen


@pytest.mark.parametrize(
    "low",
    [UnpackLimits(bytes=50, files=100), UnpackLimits(bytes=20_000, files=100), UnpackLimits(bytes=MEBIBYTE, files=2)],
    ids=["packed bytes", "unpacked bytes", "files"],
)
def test_a_bundle_beyond_a_limit_is_tried_again_when_the_limit_is_raised(site: Site, low: UnpackLimits) -> None:
    site.limits = low
    bundle_id = site.mailbox.put_bundle(FILES)
    assert site.run() is ExitCode.NEEDS_ATTENTION
    again = downloads(site)
    assert site.run() is ExitCode.NEEDS_ATTENTION
    assert again == []
    assert len(site.events_of("quarantine")) == 1

    site.limits = LARGE
    assert site.run() is ExitCode.OK

    assert site.files() == dict(FILES)
    assert site.mailbox.objects == {}
    assert list(site.state.quarantine.iterdir()) == []
    with Ledger(site.state.ledger) as ledger:
        assert ledger.state(bundle_id) == "removed"


def test_a_limit_that_is_raised_too_little_is_noted_and_costs_one_download(site: Site) -> None:
    site.limits = UnpackLimits(bytes=10_000, files=100)
    site.mailbox.put_bundle(FILES)
    site.run()
    again = downloads(site)
    site.limits = UnpackLimits(bytes=20_000, files=100)
    assert site.run() is ExitCode.NEEDS_ATTENTION
    assert site.run() is ExitCode.NEEDS_ATTENTION
    assert len(again) == 1
    site.limits = UnpackLimits(bytes=10_000, files=100)
    assert site.run() is ExitCode.NEEDS_ATTENTION
    assert len(again) == 1


def test_another_limit_than_the_one_that_it_exceeds_changes_nothing(site: Site) -> None:
    site.limits = UnpackLimits(bytes=20_000, files=100)
    site.mailbox.put_bundle(FILES)
    site.run()
    again = downloads(site)
    site.limits = UnpackLimits(bytes=20_000, files=1000)
    assert site.run() is ExitCode.NEEDS_ATTENTION
    assert again == []


def test_the_report_says_what_it_takes(site: Site) -> None:
    site.limits = UnpackLimits(bytes=MEBIBYTE, files=2)
    site.mailbox.put_bundle(FILES)
    site.run()
    [event] = site.events_of("quarantine")
    assert "--max-files" in event.fields["reason"]
    [report] = site.state.quarantine.glob("*.json")
    assert json.loads(report.read_text())["tried_again_with"] == {"files": 3}


def newer_manifest(site: Site) -> None:
    bundle_id, body = make_bundle(FILES)
    site.mailbox.put(bundle_key(bundle_id), with_manifest(body, lambda it: it.update(format_version=3)))


def newer_metadata(site: Site) -> None:
    bundle_id, body = make_bundle(FILES)
    good: Mapping[str, str] = {META_SHA256: "of a kind that we do not know", META_FORMAT_VERSION: "3"}
    site.mailbox.put(bundle_key(bundle_id), body, good)


@pytest.mark.parametrize("put", [newer_manifest, newer_metadata])
def test_a_newer_format_is_tried_again_by_the_version_that_reads_it_and_by_none_before(
    site: Site, monkeypatch: pytest.MonkeyPatch, put: Callable[[Site], None]
) -> None:
    put(site)
    assert site.run() is ExitCode.NEEDS_ATTENTION
    [event] = site.events_of("quarantine")
    assert "format version 3" in event.fields["reason"]
    again = downloads(site)
    for version in (1, 2):
        monkeypatch.setattr(receiver, "FORMAT_VERSION", version)
        monkeypatch.setattr(manifest, "FORMAT_VERSION", version)
        assert site.run() is ExitCode.NEEDS_ATTENTION
        assert again == []
    monkeypatch.setattr(receiver, "FORMAT_VERSION", 3)
    monkeypatch.setattr(manifest, "FORMAT_VERSION", 3)
    site.run()
    assert len(again) == 1


def test_a_newer_format_is_refused_before_it_is_downloaded(site: Site) -> None:
    newer_metadata(site)
    chunks: list[str] = []
    site.hook = lambda name: chunks.append(name) if name.startswith("chunk") else None
    site.run()
    assert chunks == []


@pytest.mark.parametrize("version", [True, 1.5, "2", None, 0, -1])
def test_what_is_no_version_is_damage(site: Site, version: object) -> None:
    bundle_id, body = make_bundle(FILES)
    site.mailbox.put(bundle_key(bundle_id), with_manifest(body, lambda it: it.update(format_version=version)))
    site.run()
    [report] = site.state.quarantine.glob("*.json")
    assert json.loads(report.read_text())["tried_again_with"] is None


def test_a_version_that_no_program_will_ever_have_does_not_break_the_ledger(site: Site) -> None:
    bundle_id, body = make_bundle(FILES)
    site.mailbox.put(bundle_key(bundle_id), with_manifest(body, lambda it: it.update(format_version=2**80)))
    assert site.run() is ExitCode.NEEDS_ATTENTION
    assert site.events_of("error") == []


def test_what_was_damaged_is_tried_again_on_request_alone(site: Site) -> None:
    bundle_id, body = make_bundle(FILES)
    site.mailbox.put(bundle_key(bundle_id), body, {META_SHA256: "0" * 64})
    site.run()
    again = downloads(site)
    site.limits = LARGE
    site.run()
    assert again == []
    with Ledger(site.state.ledger) as opened:
        opened.forget_quarantine()
    assert site.run() is ExitCode.NEEDS_ATTENTION
    assert len(again) == 1


def test_what_an_older_version_quarantined_without_saying_why_is_tried_once_more(tmp_path: Path, site: Site) -> None:
    item = site.mailbox.put("bundles/x", b"")
    path = tmp_path / "ledger.sqlite"
    with closing(sqlite3.connect(path)) as database:
        for version, step in enumerate(ledger._SCHEMA[:2], start=1):  # pyright: ignore[reportPrivateUsage]  # the schema of then
            database.executescript(f"{step}; PRAGMA user_version = {version};")
        database.execute("INSERT INTO asides VALUES (?, ?, 'too large')", (item.key, item.fingerprint))
        database.commit()
    with Ledger(path) as opened:
        assert opened.quarantined(item) is None
        opened.quarantine(item, "too many", Need(Hurdle.FILES, 3))
        quarantined = opened.quarantined(item)
        assert quarantined is not None
        assert quarantined.need == Need(Hurdle.FILES, 3)
