"""What each answer means, and that the page says so."""

from __future__ import annotations

import re
import socket
import time
from pathlib import Path

import pytest
from harness.parcels import parcel
from harness.receiver_answers import NO_ANSWERS, STATUSES, AnswerRow, of_status, says
from harness.scripted_receiver import SMALL, http_receiver, scripted_receiver, server_context, soon

from baler.files.courier.answer import Answer, Meaning
from runtime.files.receivers.http.endpoint import ReceiverEndpoint

PROJECT = Path(__file__).parents[6]
PAGE = (PROJECT / "docs/receiver-answers.md").read_text(encoding="utf-8")
RECEIVERS = PROJECT / "runtime/files/receivers"
ROWS = (*STATUSES, *NO_ANSWERS)


def heard(row: AnswerRow) -> Answer:
    context = server_context(**(row.tls or {}))
    with (
        scripted_receiver(row.script, context=context, plain=row.tls is None) as receiver,
        http_receiver(receiver.endpoint, row.secret) as courier,
    ):
        return courier.send(parcel(row.data), time.time() + row.seconds)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_an_answer_means_what_the_page_says(row: AnswerRow) -> None:
    found = heard(row)
    assert (found.meaning, found.reason) == (row.meaning, row.reason)
    assert found.status == (int(row.reason) if row.reason.isdigit() else None)


def test_the_page_has_a_line_for_each_and_no_other() -> None:
    lines = [line for line in PAGE.splitlines() if re.match(r"\| .* \| (accepted|refused|busy|un|misplaced)", line)]
    named = {re.sub(r"`", "", line).strip("| ") for line in lines}
    # Statuses of one meaning share a line.
    shared = {f"{', '.join(row.what for row in STATUSES if row.meaning is meaning)} | {meaning}" for meaning in Meaning}
    told = {line.rpartition(" | ")[0] if re.match(r"\d{3} ", line) else line for line in named}
    assert told == shared | {f"{row.what} | {row.meaning} | {row.reason}" for row in NO_ANSWERS}


def test_the_page_names_everything_that_can_be_wrong_with_a_secret() -> None:
    paths = [RECEIVERS / "credentials.py", *(RECEIVERS / "http").glob("*.py")]
    source = "".join(path.read_text(encoding="utf-8") for path in paths)
    raised = set(re.findall(r'(?:UnusableCredentialsError|unusable)\(\s*"([a-z-]+)"\s*\)', source))
    raised |= {f"{name}-empty" for name in ("certificate", "key", "username", "password", "header", "token")}
    raised |= {f"{name}-missing" for name in ("certificate", "key", "username", "password", "header", "token")}
    assert len(raised) > 25
    assert [why for why in sorted(raised) if f"`{why}`" not in PAGE] == []


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (299, Meaning.ACCEPTED),
        (399, Meaning.MISPLACED),
        (418, Meaning.REFUSED),
        (499, Meaning.REFUSED),
        (510, Meaning.UNREACHABLE),
        (600, Meaning.UNREACHABLE),
        (999, Meaning.UNREACHABLE),
    ],
)
def test_a_status_without_a_line_means_what_the_others_of_its_hundred_do(status: int, meaning: Meaning) -> None:
    assert heard(of_status(status, meaning)).meaning is meaning


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("-5", 0.0),
        ("1.5", 0.0),
        ("soon", 0.0),
        ("", 0.0),
        ("\N{ARABIC-INDIC DIGIT SEVEN}", 0.0),
        ("99999999999999999999", 86_400.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400.0),
        ("Fri, 31 Dec 99999 23:59:59 GMT", 0.0),
    ],
)
def test_the_pause_that_is_asked_for_is_understood_or_none(value: str, seconds: float) -> None:
    headers = {"retry_after": value.encode().decode("latin-1")}
    found = heard(AnswerRow("503", Meaning.BUSY, "503", says(503, **headers)))
    assert found == Answer(Meaning.BUSY, "503", 503, seconds)


def test_a_date_to_come_is_a_pause_until_then() -> None:
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 120))
    found = heard(AnswerRow("429", Meaning.BUSY, "429", says(429, retry_after=date)))
    assert 100 < found.retry_after_seconds <= 120


def test_nobody_listens() -> None:
    with scripted_receiver(says(200)) as receiver:
        endpoint = receiver.endpoint
    with http_receiver(endpoint) as courier:
        assert courier.send(parcel(SMALL), soon()) == Answer(Meaning.UNREACHABLE, "connection-refused")


def test_nobody_takes_the_connection() -> None:
    """A packet filter that drops what it does not let through, which a full queue of connections does too."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        address, port = listening.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex((address, port))
        time.sleep(0.2)
        with http_receiver(ReceiverEndpoint.of(f"https://receiver.premises.example:{port}/", address)) as courier:
            found = courier.send(parcel(SMALL), time.time() + 1)
        for filler in fillers:
            filler.close()
    assert found == Answer(Meaning.UNREACHABLE, "connect-timeout")


def test_what_a_receiver_writes_is_in_no_reason() -> None:
    found = heard(AnswerRow("422", Meaning.REFUSED, "422", says(422, x_reason="sent by the receiver")))
    assert found == Answer(Meaning.REFUSED, "422", 422)
