"""Whatever happens to the sender, each file is in the bucket once: none lost, none twice."""

from __future__ import annotations

import itertools
import os
import shutil
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from harness.consumer import Crash
from harness.party import HookedSentLedger, MemoryLanding, Party

from baler.commands.send.folder import LocalFile, UnsendableFile, files_of
from baler.commands.send.landing import LandingError, PutResult, PutState
from baler.commands.send.pace import Pace
from baler.commands.send.sender import Answer, DueFile, Sender

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from baler.commands.send.sent_ledger import SendState

FILES = {"a": b"one", "deep/er/b + c": b"two", ".hidden": b"", "z": b"three"}
LOST = PutResult(PutState.UNKNOWN, about="no answer")


@pytest.fixture
def party(tmp_path: Path) -> Party:
    party = Party(tmp_path / "outbox")
    for name, content in FILES.items():
        party.write(name, content)
    return party


def in_the_bucket_once() -> dict[str, list[bytes]]:
    return {name: [content] for name, content in FILES.items()}


def test_every_file_is_sent_once_under_its_path(party: Party) -> None:
    totals = party.send()
    assert party.landing.versions == in_the_bucket_once()
    assert (totals.sent, totals.bytes) == (4, 11)
    again = party.send()
    assert (again.sent, again.known) == (0, 4)
    assert party.landing.versions == in_the_bucket_once()


def harm_of_crashes(party: Party, folder: Path) -> list[str]:
    """Die at each step, one after the other, then run once more; return what is wrong after which of them."""
    harm: list[str] = []
    for crash_at in itertools.count(1):
        left = [crash_at]
        reached: list[str] = []
        lock = threading.Lock()

        def hook(name: str, left: list[int] = left, reached: list[str] = reached, lock: threading.Lock = lock) -> None:
            with lock:
                left[0] -= 1
                if left[0] <= 0:  # and no thread does anything after it
                    reached.append(name)
                    raise Crash

        one = replace(party, folder=folder / str(crash_at) / "outbox", landing=MemoryLanding(), events=[])
        for name, content in FILES.items():
            one.write(name, content)
        one.hook = hook
        try:
            one.send()
        except Crash:
            one.hook = lambda _: None
            one.send()
        else:
            return harm
        if one.landing.versions != in_the_bucket_once():
            harm.append(f"{reached[0]}: {one.landing.versions}")
        elif [event.kind for event in one.events if event.kind != "sent"]:
            harm.append(f"{reached[0]}: {[event.text for event in one.events]}")
    raise AssertionError("never reached")


@pytest.mark.requirement("PULL-REQ-01")
def test_a_kill_at_any_step_loses_nothing_and_sends_nothing_twice(party: Party, tmp_path: Path) -> None:
    assert harm_of_crashes(party, tmp_path) == []


class NotesSentFirst(HookedSentLedger):
    """Notes files as sent before their puts."""

    def begin(self, files: Iterable[tuple[LocalFile, str, SendState]]) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        noted = list(files)
        super().begin(noted)
        super().end([(file.key, None) for file, *_ in noted], [])


class NotesNothingFirst(HookedSentLedger):
    """Notes files after their puts alone."""

    def begin(self, files: Iterable[tuple[LocalFile, str, SendState]]) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        self.pending = list(files)

    def end(self, *arguments: Any) -> None:
        super().begin(self.pending)
        super().end(*arguments)


class PutsWithoutCondition(Sender):
    """Replaces what has a key already."""

    def _put(self, due: DueFile) -> Answer:
        result = self.landing.put(due.file.key, due.file.path, due.sha256, replace=True)
        return Answer(due, result.state, result.version_id)


@pytest.mark.parametrize(
    "broken",
    [
        {"ledger_type": NotesSentFirst},
        {"ledger_type": NotesNothingFirst},
        {"sender_type": PutsWithoutCondition},
    ],
    ids=["notes-sent-first", "notes-nothing-first", "puts-without-condition"],
)
def test_an_order_of_steps_that_loses_or_doubles_is_caught(
    party: Party, tmp_path: Path, broken: dict[str, Any]
) -> None:
    assert harm_of_crashes(replace(party, **broken), tmp_path) != []


def test_an_answer_that_was_lost_sends_nothing_twice(party: Party) -> None:
    party.landing.answers = [LOST] * 4
    assert party.send().failed == 0
    assert party.landing.versions == in_the_bucket_once()


def test_what_is_never_answered_is_found_out_by_the_next_run(party: Party) -> None:
    party.landing.answers = [LOST] * 20
    assert party.send().failed == 4
    assert party.send().sent == 4
    assert party.landing.versions == in_the_bucket_once()
    assert party.send().known == 4


def test_a_key_that_somebody_else_has_taken_is_reported_and_never_noted(party: Party) -> None:
    party.landing.versions["a"] = [b"another's"]
    for _ in range(2):
        totals = party.send()
        assert (totals.taken, party.landing.versions["a"]) == (1, [b"another's"])
    party.adopt = True
    assert party.send().taken == 0
    party.adopt = False
    assert party.send().known == 4


def test_a_file_that_was_changed_since_is_reported_and_not_sent(party: Party) -> None:
    party.send()
    party.write("a", b"one and a half")
    assert party.send().changed == 1
    assert party.landing.versions["a"] == [b"one"]
    party.resend_changed = True
    assert party.send().sent == 1
    assert party.landing.versions["a"] == [b"one", b"one and a half"]
    assert party.send().known == 4


def test_a_file_that_was_only_written_anew_is_known(party: Party) -> None:
    party.send()
    os.utime(party.folder / "a", ns=(1, 1))
    for _ in range(2):
        assert party.send().known == 4


def crash_at(step: str) -> Any:
    def hook(name: str) -> None:
        if name == step:
            raise Crash

    return hook


@pytest.mark.parametrize(("step", "there"), [("put a", []), ("stored a", [b"one"])])
def test_a_file_that_was_changed_while_it_was_not_known_to_be_sent_is_never_taken_for_the_other(
    party: Party, step: str, there: list[bytes]
) -> None:
    party.hook = crash_at(step)
    with pytest.raises(Crash):
        party.send()
    party.hook = lambda _: None
    party.write("a", b"one and a half")
    totals = party.send()
    # It is sent where nothing was; where its earlier bytes are, it is a changed file.
    assert party.landing.versions["a"] == (there or [b"one and a half"])
    assert totals.changed == len(there)
    assert party.send().changed == len(there)


@pytest.mark.parametrize("step", ["begun", "put a", "stored a", "end"])
def test_a_new_version_that_a_kill_interrupted_is_sent_at_least_once(party: Party, step: str) -> None:
    party.send()
    party.write("a", b"one and a half")
    party.resend_changed = True
    party.hook = crash_at(step)
    with pytest.raises(Crash):
        party.send()
    party.hook = lambda _: None
    party.resend_changed = False  # it was begun, and is finished
    party.send()
    assert party.landing.versions["a"][-1] == b"one and a half"
    assert party.send().known == 4


def test_a_file_that_is_written_while_it_is_sent_waits_for_the_next_pass(party: Party) -> None:
    def writes(name: str) -> None:
        if name == "put a":
            party.write("a", b"longer than before")
            party.hook = lambda _: None

    party.hook = writes
    assert party.send().young == 1
    assert "a" not in party.landing.versions
    assert party.send().sent == 1
    assert party.landing.versions["a"] == [b"longer than before"]


def test_a_file_that_is_taken_away_while_it_is_sent_is_no_failure(party: Party) -> None:
    def removes(name: str) -> None:
        if name == "begun":
            (party.folder / "a").unlink()

    party.hook = removes
    assert party.send().failed == 0
    assert party.send().known == 3


def test_what_is_taken_away_while_the_folder_is_read_is_passed_over(party: Party) -> None:
    found = files_of(party.folder, "")
    assert [file.path.name for file in itertools.islice(found, 1)] == [".hidden"]
    shutil.rmtree(party.folder / "deep")
    (party.folder / "a").unlink()
    assert [file.path.name for file in found] == ["z"]


def test_a_bucket_that_refuses_ends_the_pass_with_what_was_sent_noted(
    party: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(name: str) -> None:
        if name == "put z":
            raise LandingError("Access is denied")

    party.hook = refuses
    with pytest.raises(LandingError):
        party.send()
    monkeypatch.undo()
    party.hook = lambda _: None
    party.send()
    assert party.landing.versions == in_the_bucket_once()


def test_files_that_no_object_can_be_made_of_are_told(party: Party) -> None:
    (party.folder / os.fsdecode(b"caf\xe9")).write_bytes(b"x")
    long = party.folder / "/".join(["d" * 200] * 6)
    long.parent.mkdir(parents=True)
    long.write_bytes(b"x")
    (party.folder / "link").symlink_to("/etc/passwd")
    totals = party.send()
    assert (totals.sent, totals.unsendable) == (4, 2)
    assert party.landing.versions == in_the_bucket_once()


def test_keys_begin_with_the_prefix_and_come_in_order(party: Party) -> None:
    found = [file for file in files_of(party.folder, "party-7/") if not isinstance(file, UnsendableFile)]
    assert [file.key for file in found] == ["party-7/.hidden", "party-7/a", "party-7/deep/er/b + c", "party-7/z"]


@pytest.mark.parametrize(("age", "young"), [(0, True), (1.9, True), (2, False), (-60, False)])
def test_a_file_is_left_alone_for_a_while_after_it_was_written(tmp_path: Path, age: float, *, young: bool) -> None:
    now = 10**18
    file = LocalFile(tmp_path, "key", 1, now - int(age * 1e9))
    assert file.is_young(now, 2 * 10**9) is young


def test_the_pace_gives_each_call_its_turn_and_makes_up_for_nothing() -> None:
    now = [100.0]
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(round(seconds, 3))
        now[0] += seconds

    pace = Pace(4, lambda: now[0], sleep)
    for _ in range(3):
        pace.wait()
    now[0] += 60
    pace.wait()
    pace.wait()
    assert waits == [0.25, 0.25, 0.25]
