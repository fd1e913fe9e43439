"""What finds out why messages are dead, whatever they announce."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from baler.aws.dead_letter import ReceivedDeadLetter
    from baler.commands.dead_letters.diagnosis import MessageDiagnosis


class Inspector(Protocol):
    """Finds out why messages are dead."""

    def diagnose(self, letter: ReceivedDeadLetter) -> MessageDiagnosis:
        """Inspect what a message announces."""
        ...

    def diagnose_all(
        self, letters: Sequence[ReceivedDeadLetter]
    ) -> Iterator[tuple[ReceivedDeadLetter, MessageDiagnosis]]:
        """Diagnose several messages at once, and yield them in their order."""
        ...
