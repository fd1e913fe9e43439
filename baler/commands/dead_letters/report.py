"""What is reported of dead letters: a line a message for people, a JSON object a line for programs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from baler.cli.durations import duration
from baler.cli.report import printable, quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.aws.dead_letter import ReceivedDeadLetter, RejectionNote
    from baler.commands.dead_letters.diagnosis import MessageDiagnosis
    from baler.commands.dead_letters.named_files import NamedFile
    from baler.files.landed_file import LandedFile

SHORT_ID: Final = 8
"""How many characters of a message id are shown, and are enough to name a message."""

HEADING: Final = f"{'MESSAGE':<{SHORT_ID}}  {'AGE':>6}  {'RECEIVES':>8}  {'LIKELY REASON':<16}  KEY (WHAT WAS FOUND)"


def row(letter: ReceivedDeadLetter, diagnosed: MessageDiagnosis) -> str:
    """Return the line of a message, below HEADING."""
    age = duration((datetime.now(UTC) - letter.sent_at).total_seconds())
    again = "" if letter.redriven is None else ", redriven before"
    rejected = "" if letter.rejection is None else f", rejected as {letter.rejection.reason}"
    about = f"{_keys(diagnosed)}({diagnosed.detail}{rejected}{again})"
    line = f"{letter.message_id[:SHORT_ID]}  {age:>6}  {letter.receives:>8}  {diagnosed.diagnosis:<16}  {about}"
    return printable(line)


def full_text(letter: ReceivedDeadLetter, diagnosed: MessageDiagnosis) -> str:
    """Return everything about a message, for people; the body with control characters escaped."""
    age = duration((datetime.now(UTC) - letter.sent_at).total_seconds())
    fields = [
        ("message id", letter.message_id),
        ("sent", f"{letter.sent_at.isoformat(timespec='seconds')} ({age} ago)"),
        ("receives", f"{letter.receives}, this inspection included"),
        ("redriven", letter.redriven or "never"),
        ("rejected", _rejected(letter.rejection)),
        ("likely reason", f"{diagnosed.diagnosis}: {diagnosed.detail}"),
    ]
    fields += [
        ("file", f"{about.file.key}{_version(about.file)}: {about.diagnosis}, {about.detail}")
        for about in diagnosed.files
    ]
    fields.append(("body", letter.body))
    return "\n".join(printable(f"{name:<13}  {value}") for name, value in fields)


def document(letter: ReceivedDeadLetter, diagnosed: MessageDiagnosis) -> dict[str, Any]:
    """Return everything about a message but its body, for programs."""
    return {
        "message_id": letter.message_id,
        "sent_at": letter.sent_at.isoformat(),
        "age_seconds": round((datetime.now(UTC) - letter.sent_at).total_seconds()),
        "receives": letter.receives,
        "redriven": letter.redriven,
        "rejection": rejection_document(letter.rejection),
        "found": diagnosed.diagnosis,
        "detail": diagnosed.detail,
        "files": [
            {
                "key": about.file.key,
                "version_id": about.file.version_id,
                "etag": about.file.etag,
                "size": about.file.size,
                "event_time": None if about.file.event_time is None else about.file.event_time.isoformat(),
                "found": about.diagnosis,
                "detail": about.detail,
            }
            for about in diagnosed.files
        ],
    }


def rejection_document(rejection: RejectionNote | None) -> dict[str, Any] | None:
    """Return what the function says of a message that it moved, for programs; None where SQS moved it."""
    if rejection is None:
        return None
    return {
        "reason": rejection.reason,
        "message_id": rejection.message_id,
        "sent_at": None if rejection.sent_at is None else rejection.sent_at.isoformat(),
        "receives": rejection.receives,
    }


def _rejected(rejection: RejectionNote | None) -> str:
    if rejection is None:
        return "no: SQS moved it, after it had been received too often"
    text = f"as {rejection.reason} by the function"
    if rejection.sent_at is not None:
        text += f"; sent to the ingest queue {rejection.sent_at.isoformat(timespec='seconds')}"
    if rejection.message_id is not None:
        text += f" as {rejection.message_id}"
    if rejection.receives is not None:
        text += f", received {quantity(rejection.receives, 'time')}"
    return text


def _version(file: LandedFile | NamedFile) -> str:
    if file.etag is None:
        return "" if file.version_id is None else f" ({file.version_id})"
    return f" ({file.version_id or f'ETag {file.etag}'}, {file.size} bytes)"


def _keys(diagnosed: MessageDiagnosis) -> str:
    keys: Sequence[str] = [about.file.key for about in diagnosed.files]
    if not keys:
        return ""
    more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
    return f"{keys[0]}{more} "
