"""The hook runs at least once for each delivered bundle, never too early, and holds nothing up."""

from __future__ import annotations

import itertools
import json
import os
import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest
from harness.consumer import Crash, HookedLedger, Hooks, Site, wait_until

from baler.cli.exit_codes import ExitCode
from baler.commands.consume.hook import HookRunner, SubprocessHook
from baler.files.ledger.ledger import Announcement, Ledger, LedgerEntry
from baler.files.ledger.ledger_file import LedgerError

if TYPE_CHECKING:
    from pathlib import Path

    from baler.cli.report import Event

FILES = [("a/1", b"one"), ("../up", b"two")]


def crashes(site: Site, folder: Path) -> list[str]:
    """Die at every step of a run, one after the other; return after which the hook never ran for the bundle."""
    missed: list[str] = []
    for crash_at in itertools.count(1):
        left = [crash_at]
        reached: list[str] = []

        def hook(name: str, left: list[int] = left, reached: list[str] = reached) -> None:
            left[0] -= 1
            if left[0] == 0:
                reached.append(name)
                raise Crash

        one = replace(site, into=folder / str(crash_at) / "received", mailbox=type(site.mailbox)(), hooks=Hooks())
        one.mailbox.put_bundle(FILES)
        one.hook = hook
        try:
            one.run()
        except Crash:
            one.hook = lambda _: None
            one.run()
        else:
            return missed
        assert one.hooks is not None
        if not one.hooks.ended:
            missed += reached
    raise AssertionError("never reached")


def test_whatever_dies_the_hook_has_run(tmp_path: Path) -> None:
    assert crashes(Site(tmp_path / "received"), tmp_path) == []


class NotesTheHookAfterwards(HookedLedger):
    """Notes that a bundle is delivered, and then that the hook is due."""

    def deliver(self, bundle_id: str, announcement: str | None = None) -> None:
        super().deliver(bundle_id)
        self.hook("between")
        if announcement is not None:
            self._run(
                "INSERT INTO announcements (bundle_id, replay_id, document) VALUES (?, NULL, ?)",
                bundle_id,
                announcement,
            )


class NotesSuccessFirst(HookRunner):
    """Notes that the hook succeeded before it is started."""

    def _start_next(self) -> None:
        announcement = self._next()
        if announcement is not None:
            self._ledger.end_announcement(announcement.number)
            self._start(announcement)


@pytest.mark.parametrize(
    "broken",
    [{"ledger_type": NotesTheHookAfterwards}, {"runner_type": NotesSuccessFirst}],
    ids=["noted later", "early"],
)
def test_a_hook_that_may_be_missed_is_caught(tmp_path: Path, broken: dict[str, Any]) -> None:
    assert crashes(Site(tmp_path / "received", **broken), tmp_path) != []


def test_when_it_starts_every_file_is_in_its_place(tmp_path: Path) -> None:
    site = Site(tmp_path / "received")

    def found(document: dict[str, Any]) -> None:
        read = {file["key"]: (site.into / file["path"]).read_bytes() for file in document["files"]}
        assert read == dict(FILES)

    site.hooks = Hooks(found)
    bundle_id = site.mailbox.put_bundle(FILES)
    assert site.run() is ExitCode.OK
    (document,) = site.hooks.ended
    assert document["bundle_id"] == bundle_id
    assert document["folder"] is None
    assert [event.fields["bundle_id"] for event in site.events_of("hook")] == [bundle_id]


def test_a_bundle_that_comes_again_has_no_hook_again(tmp_path: Path) -> None:
    site = Site(tmp_path / "received", hooks=Hooks())
    for _ in range(2):
        site.mailbox.put_bundle(FILES)
        site.run()
    assert site.hooks is not None
    assert len(site.hooks.ended) == 1


def test_one_pass_whose_hook_fails_says_so_and_the_next_one_runs_it(tmp_path: Path) -> None:
    site = Site(tmp_path / "received")
    tries: list[str] = []

    def fails_first(document: dict[str, Any]) -> None:
        tries.append(document["bundle_id"])
        if len(tries) == 1:
            raise OSError(8, "Exec format error")

    site.hooks = Hooks(fails_first)
    bundle_id = site.mailbox.put_bundle(FILES)
    assert site.run() is ExitCode.RETRY
    assert not site.mailbox.objects  # the bundle is delivered all the same
    (event,) = site.events_of("error")
    assert (
        event.fields["message"] == "the hook cannot be started: Exec format error. It is run again until it succeeds."
    )
    assert site.run() is ExitCode.OK
    assert tries == [bundle_id] * 2


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class FakeHook:
    code: int | None = None
    ended: bool = False

    def poll(self) -> int | None:
        return self.code

    def end(self) -> None:
        self.ended = True

    def printed(self) -> str:
        return "its last words"

    def close(self) -> None:
        """It has no file."""


@dataclass
class Bench:
    """A runner over a ledger in which bundles 1 and 2 are due."""

    ledger: Ledger
    clock: Clock = field(default_factory=Clock)
    started: list[tuple[str, FakeHook]] = field(default_factory=list[tuple[str, FakeHook]])
    events: list[Event] = field(default_factory=list["Event"])

    def __post_init__(self) -> None:
        self.runner = HookRunner(self.ledger, self._start, self.events.append, 60, self.clock)
        for number in (1, 2):
            self.ledger.add_unpacked(LedgerEntry(f"bundle-{number}", f"key-{number}", "", 1, 1, 1, ""))
            self.ledger.deliver(f"bundle-{number}", "{}")

    def _start(self, due: Announcement) -> FakeHook:
        self.started.append((due.bundle_id, FakeHook()))
        return self.started[-1][1]

    def pass_time(self, seconds: float) -> None:
        self.clock.now += seconds
        self.runner.tick()
        self.runner.tick()


@pytest.fixture
def bench(tmp_path: Path) -> Any:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        yield Bench(ledger)


def test_one_runs_at_a_time_in_the_order_of_delivery(bench: Bench) -> None:
    bench.pass_time(0)
    bench.pass_time(1)
    assert [bundle for bundle, _ in bench.started] == ["bundle-1"]
    bench.started[0][1].code = 0
    bench.pass_time(1)
    assert [bundle for bundle, _ in bench.started] == ["bundle-1", "bundle-2"]
    assert bench.ledger.announcements_due() == 1


def test_one_that_fails_waits_longer_each_time_and_lets_the_others_go_first(bench: Bench) -> None:
    bench.pass_time(0)
    bench.started[0][1].code = 3
    bench.pass_time(0)
    assert [bundle for bundle, _ in bench.started] == ["bundle-1", "bundle-2"]
    bench.started[1][1].code = 0
    bench.pass_time(0)
    for wait in (2, 4, 8):
        tries = len(bench.started)
        bench.pass_time(wait - 0.5)
        assert len(bench.started) == tries
        bench.pass_time(0.5)
        assert len(bench.started) == tries + 1
        bench.started[-1][1].code = 3
        bench.pass_time(0)
    assert bench.runner.failed == 4
    (error,) = [event for event in bench.events if event.kind == "error"]
    assert "ended with 3; it printed 'its last words'" in error.fields["message"]


def test_one_that_takes_too_long_is_ended_and_has_failed(bench: Bench) -> None:
    bench.pass_time(0)
    bench.pass_time(59)
    assert not bench.started[0][1].ended
    bench.pass_time(1)
    assert bench.started[0][1].ended
    assert bench.runner.failed == 1


def test_one_that_runs_when_the_consumer_stops_is_ended_and_stays_due(bench: Bench) -> None:
    bench.pass_time(0)
    bench.runner.stop()
    assert bench.started[0][1].ended
    assert bench.ledger.announcements_due() == 2


def test_a_ledger_that_is_locked_is_tried_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(_limit: int) -> list[Announcement]:
        raise LedgerError("The ledger is locked.")

    with monkeypatch.context() as patch:
        patch.setattr(bench.ledger, "announcements", locked)
        bench.pass_time(0)
    bench.pass_time(1)
    assert [bundle for bundle, _ in bench.started] == ["bundle-1"]
    assert [event.text for event in bench.events] == ["The ledger is locked."]


def test_a_hook_whose_end_cannot_be_noted_is_not_run_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_number: int) -> None:
        raise LedgerError("The disk is full.")

    bench.pass_time(0)
    bench.started[0][1].code = 0
    with monkeypatch.context() as patch:
        patch.setattr(bench.ledger, "end_announcement", full)
        bench.pass_time(1)
        with pytest.raises(LedgerError):
            bench.runner.finish(lambda _: None)
    bench.pass_time(1)
    assert [bundle for bundle, _ in bench.started] == ["bundle-1", "bundle-2"]
    assert bench.runner.succeeded == 1


def test_a_hook_that_may_not_be_signalled_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = hook_of(tmp_path, "", monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(os, "killpg", _not_permitted)
        hook.end()
    wait_until(lambda: hook.poll() == 0, "the hook ends by itself")
    hook.close()


def _not_permitted(_group: int, _signal: int) -> None:
    raise PermissionError(1, "Operation not permitted")


def hook_of(tmp_path: Path, program: str, monkeypatch: pytest.MonkeyPatch) -> SubprocessHook:
    monkeypatch.setenv("NOTIFY_SOCKET", "/run/nobody")
    document = json.dumps({"files": [{"key": "a"}]})
    due = Announcement(1, "bundle-1", None, document, 0)
    return SubprocessHook([sys.executable, "-c", program], due, tmp_path, tmp_path)


def test_a_process_gets_the_files_and_what_they_belong_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = """
import json, os, sys
assert json.load(sys.stdin) == {"files": [{"key": "a"}]}
assert (os.environ["BALER_BUNDLE_ID"], os.environ["BALER_REPLAY_ID"]) == ("bundle-1", "")
assert os.environ["BALER_INTO"] == os.getcwd()
assert "NOTIFY_SOCKET" not in os.environ
print("seen", file=sys.stderr)
"""
    hook = hook_of(tmp_path, program, monkeypatch)
    wait_until(lambda: hook.poll() is not None, "the hook ends")
    assert (hook.poll(), hook.printed()) == (0, "seen")
    hook.close()
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_prints_without_end_fills_no_disk_and_its_last_words_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("baler.commands.consume.hook._KEPT_BYTES", 64 * 1024)
    program = """
import os, sys, time
while not os.path.exists("enough"):
    sys.stdout.write("x" * 65536)
    sys.stdout.flush()
    time.sleep(0.001)
while not os.path.exists("forgotten"):
    time.sleep(0.01)
print("done")
"""
    hook = hook_of(tmp_path, program, monkeypatch)
    output = hook._output.fileno()  # pyright: ignore[reportPrivateUsage]  # the file has no name to look for it by
    wait_until(lambda: hook.poll() is None and os.fstat(output).st_size > 10 * 65536, "much was printed")
    (tmp_path / "enough").touch()
    wait_until(lambda: hook.poll() is None and os.fstat(output).st_blocks * 512 <= 64 * 1024, "it is forgotten")
    (tmp_path / "forgotten").touch()
    wait_until(lambda: hook.poll() is not None, "the hook ends")
    assert (hook.poll(), hook.printed()[-4:]) == (0, "done")
    hook.close()


def test_a_process_that_ignores_sigterm_is_killed_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("baler.commands.consume.hook._GRACE_SECONDS", 0.1)
    program = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("up", os.getpid(), flush=True)
time.sleep(600)
"""
    hook = hook_of(tmp_path, program, monkeypatch)
    wait_until(lambda: "up" in hook.printed() and hook.printed()[-1].isdigit(), "the hook is up")
    group = int(hook.printed().split()[1])
    hook.end()
    wait_until(lambda: hook.poll() is not None and not is_alive(group), "the group ends")
    hook.close()


def test_what_outlives_a_process_that_is_ended_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = """
import os, signal, subprocess, sys, time
print("up", os.getpid(), flush=True)
ignores = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('child', flush=True); "
subprocess.Popen([sys.executable, "-c", ignores + "time.sleep(600)"])
time.sleep(600)
"""
    hook = hook_of(tmp_path, program, monkeypatch)
    wait_until(lambda: "child" in hook.printed(), "both are up")
    group = int(hook.printed().split()[1].removesuffix("\\nchild"))
    hook.end()
    wait_until(lambda: hook.poll() is not None and not is_alive(group), "the group ends")
    hook.close()


def is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
