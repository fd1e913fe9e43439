"""One consumer, pass after pass: what it does with each bundle and each failure."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from typing import TYPE_CHECKING

import pytest
from harness.consumer import Crash, make_bundle

from baler.cli.exit_codes import ExitCode
from baler.cli.report import failure
from baler.commands.consume.consumer import backoff_seconds
from baler.commands.consume.mailbox import MailboxRefusedError, MailboxUnavailableError
from baler.files.bundle.ids import bundle_key
from baler.files.ledger.ledger import DeliveryState, Ledger, LedgerError
from baler.files.unpacking import durability
from baler.files.unpacking.unpack import UnpackLimits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.consumer import Site

FILES = [("a/1.json", b"one"), ("a/2 + %20#é.json", b"two"), (".hidden", b""), ("-rf", b"three")]


def fail_at(step: str, error: BaseException, times: int = 1) -> Callable[[str], None]:
    left = [times]

    def hook(name: str) -> None:
        if name.startswith(step) and left[0]:
            left[0] -= 1
            raise error

    return hook


def stop_after_waits(site: Site, count: int, also: Callable[[str], None] | None = None) -> None:
    """Let the service wait so often, then ask it to stop, as a signal does."""

    def hook(name: str) -> None:
        if name == "wait" and len(site.shutdown.waits) == count:
            site.shutdown.requested = True
        if also is not None:
            also(name)

    site.hook = hook


@pytest.mark.requirement("PULL-REQ-06")
def test_a_pass_delivers_every_file_under_its_key_and_empties_the_mailbox(site: Site) -> None:
    bundle_id = site.mailbox.put_bundle(FILES)
    item, metadata, body = site.mailbox.objects[bundle_key(bundle_id)]

    assert site.run() is ExitCode.OK

    assert site.files() == dict(FILES)
    assert not site.mailbox.objects
    assert list(site.state.incoming.iterdir()) == []
    [event] = site.events_of("bundle")
    assert event.fields == {
        "bundle_id": bundle_id,
        "key": item.key,
        "files": 4,
        "bytes": 11,
        "compressed_bytes": len(body),
        "sha256": metadata["content-sha256"],
        "last_modified": item.last_modified.isoformat(),
        "folder": None,
        "redelivered": False,
        "replay_id": None,
    }


def test_bundles_are_taken_oldest_first(site: Site) -> None:
    ids = [site.mailbox.put_bundle([(f"{number}", b"x")], number) for number in (3, 1, 2)]
    site.run()
    assert [event.fields["bundle_id"] for event in site.events_of("bundle")] == sorted(ids)


def test_a_redelivered_bundle_is_only_deleted_and_counted(site: Site) -> None:
    site.mailbox.put_bundle(FILES)
    site.run()
    site.take_files_away()
    site.mailbox.put_bundle(FILES)

    assert site.run() is ExitCode.OK

    assert site.files() == {}
    assert not site.mailbox.objects
    assert site.events_of("bundle")[-1].fields["redelivered"]
    last = site.events_of("stopped")[-1]
    assert (last.fields["bundles"], last.fields["redelivered"]) == (0, 1)


def test_a_redelivered_bundle_whose_delete_fails_is_counted_once(site: Site) -> None:
    site.mailbox.put_bundle(FILES)
    site.run()
    site.mailbox.put_bundle(FILES)
    stop_after_waits(site, 3, also=fail_at("delete", MailboxUnavailableError("timed out"), times=2))
    assert site.run(once=False) is ExitCode.OK
    assert not site.mailbox.objects
    assert site.events_of("stopped")[-1].fields["redelivered"] == 1


@pytest.mark.parametrize("error", [MailboxUnavailableError("timed out"), MailboxRefusedError("no right to delete")])
def test_a_delete_that_fails_is_tried_again_and_delivers_nothing_twice(site: Site, error: Exception) -> None:
    bundle_id = site.mailbox.put_bundle(FILES)
    site.hook = fail_at("delete", error)
    assert site.run() is ExitCode.RETRY
    site.take_files_away()

    assert site.run() is ExitCode.OK

    assert site.files() == {}
    assert not site.mailbox.objects
    assert [event for event in site.events_of("bundle") if event.fields["redelivered"]] == []
    with Ledger(site.state.ledger) as ledger:
        assert ledger.state(bundle_id) is DeliveryState.REMOVED


def test_a_delete_whose_answer_was_lost_counts_as_done_at_the_next_pass(site: Site) -> None:
    site.mailbox.put_bundle(FILES)
    site.hook = fail_at("deleted", MailboxUnavailableError("no answer"))
    site.run()
    assert site.run() is ExitCode.OK
    assert len(site.events_of("bundle")) == 1


@pytest.mark.requirement("PULL-REQ-06", "PULL-NFR-09")
@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({}, "has no content-sha256"),
        ({"content-sha256": "0" * 64}, "its metadata says 000"),
    ],
)
def test_a_bundle_of_another_hash_is_quarantined_and_stays_in_the_mailbox(
    site: Site, metadata: dict[str, str], reason: str
) -> None:
    bundle_id, body = make_bundle(FILES)
    key = bundle_key(bundle_id)
    site.mailbox.put(key, body, metadata)
    good = site.mailbox.put_bundle([("good", b"good")], 2)

    assert site.run() is ExitCode.NEEDS_ATTENTION

    assert site.files() == {"good": b"good"}
    assert list(site.mailbox.objects) == [key]
    [event] = site.events_of("quarantine")
    assert reason in event.fields["reason"]
    kept = site.state.quarantine / f"{bundle_id}.tar.gz"
    assert kept.read_bytes() == body
    report = json.loads((site.state.quarantine / f"{bundle_id}.json").read_text())
    assert report["object_key"] == key
    assert report["kept"] == kept.name
    assert reason in report["reason"]
    assert list(site.state.incoming.iterdir()) == []
    assert site.events_of("bundle")[0].fields["bundle_id"] == good


def test_a_quarantined_bundle_is_not_downloaded_again_until_it_is_replaced(site: Site) -> None:
    bundle_id, body = make_bundle(FILES)
    key = bundle_key(bundle_id)
    site.mailbox.put(key, body, {"content-sha256": "wrong"})
    site.run()
    downloads: list[str] = []
    site.hook = lambda name: downloads.append(name) if name.startswith("get") else None

    assert site.run() is ExitCode.NEEDS_ATTENTION
    assert downloads == []
    assert len(site.events_of("quarantine")) == 1

    # Replaced by the same bytes: the ETag is the same, the metadata is right now.
    site.mailbox.put(key, body)
    assert site.run() is ExitCode.OK
    assert site.files() == dict(FILES)


def test_a_report_never_names_the_bytes_of_an_earlier_object(site: Site) -> None:
    bundle_id, body = make_bundle(FILES)
    site.mailbox.put(bundle_key(bundle_id), body, {})
    site.run()
    site.mailbox.put(bundle_key(bundle_id), body + bytes(100_000))
    site.limits = UnpackLimits(bytes=100_000, files=10)
    assert site.run() is ExitCode.NEEDS_ATTENTION
    [report] = site.state.quarantine.iterdir()
    assert json.loads(report.read_text())["kept"] is None


def test_an_object_that_is_no_bundle_is_quarantined_without_a_download(site: Site) -> None:
    site.mailbox.put("bundles/readme\x1b[31m.txt", b"hello")
    site.hook = fail_at("get", Crash())
    assert site.run() is ExitCode.NEEDS_ATTENTION
    [report] = site.state.quarantine.iterdir()
    assert json.loads(report.read_text())["kept"] is None
    assert "\x1b" not in report.read_text()


def test_a_bundle_larger_than_the_limit_is_quarantined_without_a_download(site: Site) -> None:
    site.limits = UnpackLimits(bytes=100, files=10)
    site.mailbox.put_bundle([("a", os.urandom(1000))])
    site.hook = fail_at("get", Crash())
    assert site.run() is ExitCode.NEEDS_ATTENTION


def test_an_object_replaced_between_list_and_get_waits_for_the_next_pass(site: Site) -> None:
    key = bundle_key(site.mailbox.put_bundle(FILES))

    def replace(name: str) -> None:
        if name.startswith("get") and site.mailbox.puts == 1:
            site.mailbox.put(key, site.mailbox.objects[key][2])

    site.hook = replace
    assert site.run() is ExitCode.OK
    assert site.files() == {}
    assert site.run() is ExitCode.OK
    assert site.files() == dict(FILES)


def test_a_bundle_that_cannot_be_read_does_not_stop_the_others(site: Site) -> None:
    bad = site.mailbox.put_bundle([("bad", b"bad")], 1)
    site.mailbox.put_bundle([("good", b"good")], 2)
    site.hook = fail_at(f"get {bundle_key(bad)}", MailboxRefusedError("denied by a key policy"))
    assert site.run() is ExitCode.RETRY
    assert site.files() == {"good": b"good"}
    assert site.events_of("error") == [failure("denied by a key policy", bundle_key(bad))]


@pytest.mark.requirement("PULL-NFR-04")
@pytest.mark.parametrize("step", ["list", "get", "chunk", "delete"])
def test_an_unreachable_mailbox_ends_one_pass_with_its_own_code_and_the_next_completes(site: Site, step: str) -> None:
    site.mailbox.put_bundle(FILES)
    site.hook = fail_at(step, MailboxUnavailableError("no route to host"))
    assert site.run() is ExitCode.RETRY
    assert site.events_of("error") == [failure("no route to host")]
    assert site.run() is ExitCode.OK
    assert site.files() == dict(FILES)
    assert not site.mailbox.objects


def test_the_service_backs_off_while_nothing_works_and_says_so_once(site: Site) -> None:
    site.mailbox.put_bundle(FILES)
    stop_after_waits(site, 6, also=fail_at("list", MailboxUnavailableError("no route to host"), times=5))

    assert site.run(once=False, seconds=5) is ExitCode.OK

    *backoffs, poll = site.waits
    assert poll == 5
    for failures, seconds in enumerate(backoffs, start=1):
        assert 2**failures / 2 <= seconds <= 2**failures
    assert [event.fields["message"] for event in site.events_of("error")] == ["no route to host"]
    assert site.files() == dict(FILES)


def test_a_trouble_is_told_again_when_it_changes_or_comes_back(site: Site) -> None:
    answers = iter(["a", "a", "b", None, "b"])

    def listing(name: str) -> None:
        if name == "list" and (message := next(answers, None)):
            raise MailboxUnavailableError(message)

    stop_after_waits(site, 5, also=listing)
    site.run(once=False)
    assert [event.fields["message"] for event in site.events_of("error")] == ["a", "b", "b"]


def test_backing_off_ends_at_a_minute() -> None:
    assert all(30 <= backoff_seconds(failures) <= 60 for failures in (6, 7, 100, 100_000))


def test_a_mailbox_that_refuses_from_the_start_is_not_waited_for(site: Site) -> None:
    site.hook = fail_at("list", MailboxRefusedError("There is no such bucket"))
    with pytest.raises(MailboxRefusedError, match="no such bucket"):
        site.run(once=False)


def test_a_mailbox_that_refuses_later_is_waited_for(site: Site) -> None:
    calls = [0]

    def expire(name: str) -> None:
        calls[0] += name == "list"
        if name == "list" and calls[0] == 2:
            raise MailboxRefusedError("The credentials have expired")

    stop_after_waits(site, 3, also=expire)
    assert site.run(once=False) is ExitCode.OK
    assert len(site.events_of("error")) == 1


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EIO])
@pytest.mark.parametrize("nth", ["at once", 1, 2, 4, 6, 9, 11])
def test_a_full_or_broken_disk_loses_nothing_and_leaves_no_half_bundle(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, nth: int | str
) -> None:
    site.mailbox.put_bundle(FILES)
    calls = [0]
    # How many folders there are above the test's own is a matter of the machine, and of who runs the tests.
    above = [path.stat() for path in tmp_path.parents]

    def fsync(descriptor: int) -> None:
        if any(os.path.samestat(os.fstat(descriptor), folder) for folder in above):
            return
        calls[0] += 1
        if calls[0] == nth:
            raise OSError(number, "the disk says no")

    def sync_file_system(_descriptor: int) -> bool:
        calls[0] += nth == "at once"
        if calls[0] == 1 and nth == "at once":
            raise OSError(number, "the disk says no")
        return nth == "at once"

    monkeypatch.setattr("os.fsync", os.fstat if nth == "at once" else fsync)
    monkeypatch.setattr(durability, "sync_file_system", sync_file_system)
    stop_after_waits(site, 2)

    assert site.run(once=False, seconds=5) is ExitCode.OK

    [trouble] = site.events_of("error")
    assert "the disk says no" in trouble.fields["message"]
    assert site.files() == dict(FILES)
    assert not site.mailbox.objects
    assert list(site.state.incoming.iterdir()) == []
    assert site.waits[1] == 5


def test_a_full_disk_frees_what_the_unfinished_bundle_took(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.mailbox.put_bundle(FILES)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(durability, "sync_file_system", full)
    assert site.run() is ExitCode.RETRY
    assert list(site.state.incoming.iterdir()) == []


def test_a_file_that_has_no_place_at_all_keeps_its_bundle_waiting_and_no_other_and_is_named_with_a_remedy(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from baler.files.unpacking import place  # noqa: PLC0415 - patched here alone

    site.mailbox.put_bundle([("first", b"1"), ("locked/file", b"2")], 1)
    site.mailbox.put_bundle([("other", b"3")], 2)
    rename = place.rename_exclusively

    def denied(source: bytes, source_folder: int, target: bytes, target_folder: int) -> None:
        if target.startswith(b"file") or len(target) == 64:
            raise PermissionError(errno.EACCES, "denied")
        rename(source, source_folder, target, target_folder)

    with monkeypatch.context() as patch:
        patch.setattr(place, "rename_exclusively", denied)
        assert site.run() is ExitCode.RETRY
    assert site.files() == {"first": b"1", "other": b"3"}
    [trouble] = site.events_of("error")
    message = trouble.fields["message"]
    assert "'locked/file' has no place" in message
    assert f"{site.into}/unsafe-keys/" in message
    assert "denied" in message
    site.take_files_away()

    assert site.run() is ExitCode.OK
    assert site.files() == {"locked/file": b"2"}


@pytest.mark.parametrize("step", ["add_unpacked", "advance delivered", "advance removed", "quarantine"])
def test_a_ledger_that_cannot_be_written_delays_and_loses_nothing(site: Site, step: str) -> None:
    site.mailbox.put_bundle(FILES)
    site.mailbox.put("bundles/rubbish", b"")
    site.hook = fail_at(step, LedgerError("database or disk is full"))
    assert site.run() is ExitCode.RETRY
    assert site.events_of("error") == [failure("database or disk is full")]
    site.take_files_away()

    assert site.run() is ExitCode.NEEDS_ATTENTION
    site.take_files_away()
    assert sorted(site.taken) == sorted(FILES)
    assert list(site.mailbox.objects) == ["bundles/rubbish"]


def test_a_stop_in_the_middle_of_a_bundle_abandons_it_and_the_next_run_completes(site: Site) -> None:
    site.mailbox.put_bundle([(str(number), b"%d" % number) for number in range(10)])
    interruption_points = [0]

    def stop(name: str) -> None:
        interruption_points[0] += name == "interruption_point"
        if interruption_points[0] == 5:
            site.shutdown.requested = True

    site.hook = stop
    assert site.run() is ExitCode.STOPPED
    assert site.files() == {}
    assert len(site.mailbox.objects) == 1
    site.hook = lambda _: None
    site.run()
    assert len(site.files()) == 10


def test_the_hash_of_a_download_is_of_all_its_pieces(site: Site) -> None:
    content = os.urandom(50_000)
    bundle_id = site.mailbox.put_bundle([("large", content)])
    body = site.mailbox.objects[bundle_key(bundle_id)][2]
    site.run()
    assert site.events_of("bundle")[0].fields["sha256"] == hashlib.sha256(body).hexdigest()
