"""A body that may have to be sent again, with other credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runtime.files.courier.ports import Body

EXPECT_BYTES: Final = 64 * 1024
"""Bodies of more are announced by `Expect: 100-continue`, and follow when the receiver wants them.

A smaller one fits into the socket's buffer: it is gone in one go, an answer to its head is read all the same, and
waiting would cost a round trip of the few that it takes. It is also kept until it is acknowledged, so that it can be
sent again with other credentials; of a larger one nothing was sent by then.
"""


class RepeatableBody:
    """The bytes of a bundle, which can be read again from the first as long as they are few.

    Args:
        body: which can be read once.
    """

    def __init__(self, body: Body) -> None:
        self._rest = iter(body)
        self._read: list[bytes] = []
        self._read_bytes = 0

    @property
    def repeatable(self) -> bool:
        """Whether all that was read is still here."""
        return self._read_bytes <= EXPECT_BYTES

    def __iter__(self) -> Iterator[bytes]:
        yield from self._read
        for piece in self._rest:
            self._read_bytes += len(piece)
            if self.repeatable:
                self._read.append(piece)
            else:
                self._read.clear()
            yield piece
