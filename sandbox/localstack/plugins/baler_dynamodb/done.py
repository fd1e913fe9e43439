"""Transactions that were done, by their ClientRequestToken: each is done once in ten minutes.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

from __future__ import annotations

import hashlib
import json
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KEPT_SECONDS = 600.0


class OtherContentError(Exception):
    """The token is that of a transaction with other content."""


class DoneTransactions:
    """Answers by token."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Make it empty.

        Args:
            clock: returns seconds that never go back.
        """
        self._clock = clock
        self._answers: dict[tuple[str, ...], tuple[float, str, Any]] = {}
        self._lock = threading.Lock()

    def answer(self, token: tuple[str, ...], request: Mapping[str, Any]) -> Any:
        """Return what the transaction was answered when it was done; None where it was not.

        Args:
            token: with account and region.
            request: its parameters.

        Raises:
            OtherContentError: another transaction was done under the token.
        """
        with self._lock:
            at, content, answer = self._answers.get(token, (float("-inf"), "", None))
        if self._clock() - at > KEPT_SECONDS:
            return None
        if content != _content(request):
            raise OtherContentError
        return answer

    def add(self, token: tuple[str, ...], request: Mapping[str, Any], answer: Any) -> None:
        """Note a transaction that was done, and forget those that are too old."""
        now = self._clock()
        with self._lock:
            for known, (at, _, _) in list(self._answers.items()):
                if now - at <= KEPT_SECONDS:
                    break  # the others are younger
                del self._answers[known]
            self._answers.pop(token, None)
            self._answers[token] = (now, _content(request), answer)


def _content(request: Mapping[str, Any]) -> str:
    text = json.dumps(request["TransactItems"], sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()
