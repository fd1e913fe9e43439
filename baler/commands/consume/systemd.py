"""What a service tells systemd: that it is ready, how it is, that it lives, that it stops (sd_notify(3))."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# systemd ends a service that has not been heard of for WATCHDOG_USEC; sd_watchdog_enabled(3) wants it at half of that.
_BEATS: Final = 4


class Systemd:
    """Tells systemd, where it listens; it is a datagram each, and one that is not taken changes nothing.

    Args:
        environment: of this process, where systemd says where it listens.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        # A name that begins with @ is one of the abstract namespace, unix(7).
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        ours = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        microseconds = environment.get("WATCHDOG_USEC", "")
        self._beat_seconds = int(microseconds) / 1e6 / _BEATS if ours and microseconds.isdigit() else None
        self._beat_at = 0.0
        self._status = ""

    def ready(self) -> None:
        """The consumer has its folders, its ledger and its locks, and begins."""
        self._send("READY=1")

    def beat(self) -> None:
        """The consumer works or waits: called often."""
        if self._beat_seconds is not None and time.monotonic() >= self._beat_at:
            self._beat_at = time.monotonic() + self._beat_seconds
            self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """A line for `systemctl status`, sent where it changed."""
        if text != self._status:
            self._status = text
            self._send(f"STATUS={text}")

    def stopping(self) -> None:
        """The consumer ends."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as notify:
            notify.connect(self._address)
            notify.send(message.encode(errors="replace"))
