"""The audit file: a JSON object a line, on disk before a message is deleted."""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from baler.commands.dead_letters.report import rejection_document

if TYPE_CHECKING:
    from pathlib import Path

    from mypy_boto3_sts import STSClient

    from baler.aws.dead_letter import ReceivedDeadLetter
    from baler.commands.dead_letters.diagnosis import MessageDiagnosis


class AuditError(Exception):
    """The audit file cannot be written; nothing is discarded without it."""


@dataclass(frozen=True, slots=True)
class Discarder:
    """Who discards: on this machine, and in AWS's eyes."""

    user: str
    host: str
    caller: str

    @classmethod
    def ask(cls, client: STSClient) -> Discarder:
        """Ask the operating system, whatever the environment says, and STS."""
        try:
            user = pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            user = str(os.getuid())  # containers run users without a name
        return cls(user, socket.gethostname(), client.get_caller_identity()["Arn"])


class AuditLog:
    """Appends lines to a file.

    Args:
        path: the file.
        who: named in every line.
        queue_url: the dead-letter queue.
        reason: why, in the operator's words.
    """

    def __init__(self, path: Path, who: Discarder, queue_url: str, reason: str) -> None:
        self._path = path
        self._who = who
        self._queue_url = queue_url
        self._reason = reason

    def discarding(self, letter: ReceivedDeadLetter, diagnosed: MessageDiagnosis) -> None:
        """Note that a message is about to be deleted; a crash after it may leave the message where it was."""
        self._append(
            {
                "action": "discard",
                "reason": self._reason,
                "message_id": letter.message_id,
                "sent_at": letter.sent_at.isoformat(),
                "receives": letter.receives,
                "rejection": rejection_document(letter.rejection),
                "found": diagnosed.diagnosis,
                "detail": diagnosed.detail,
                "files": [
                    {
                        "bucket": about.file.bucket,
                        "key": about.file.key,
                        "version_id": about.file.version_id,
                        "etag": about.file.etag,
                        "size": about.file.size,
                        "found": about.diagnosis,
                    }
                    for about in diagnosed.files
                ],
                "body_sha256": hashlib.sha256(letter.body.encode()).hexdigest(),
            }
        )

    def kept(self, letter: ReceivedDeadLetter) -> None:
        """Note that SQS did not delete a message after all."""
        self._append({"action": "not discarded", "message_id": letter.message_id})

    def _append(self, fields: dict[str, Any]) -> None:
        """Append a line and wait until it is on disk.

        Raises:
            AuditError: it may not be.
        """
        line = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "user": self._who.user,
            "host": self._who.host,
            "caller": self._who.caller,
            "queue_url": self._queue_url,
            **fields,
        }
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                _write(descriptor, f"{_end_of_torn_line(descriptor)}{json.dumps(line)}\n".encode())
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            _sync_folder(self._path)
        except OSError as error:
            raise AuditError(
                f"Cannot write the audit file {self._path} ({error.strerror}), so nothing more is discarded: "
                "name another with --audit-log."
            ) from error


def _end_of_torn_line(descriptor: int) -> str:
    """Return the line break that a crash in the middle of a line left out, if one did."""
    size = os.fstat(descriptor).st_size
    return "\n" if size and os.pread(descriptor, 1, size - 1) != b"\n" else ""


def _write(descriptor: int, data: bytes) -> None:
    """Write all of it: a line that a full disk cuts short must not pass for one."""
    while data:
        data = data[os.write(descriptor, data) :]


def _sync_folder(path: Path) -> None:
    """Make the file's name durable, too."""
    folder = os.open(path.absolute().parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
