"""Cancellations on request: `/_baler/dynamodb/faults` says what becomes of the next transactions.

    POST {"transactions": 3, "table": "t", "reasons": ["None", "TransactionConflict"]}
    GET     how many are still to come
    DELETE  forgets them

A transaction is cancelled with the reasons, in the order of its actions (`None` where they are fewer), and has no
effect. `table` is one that it must be about; without it every transaction counts. What becomes of any request,
whatever is in it, is the wire's (`baler_wire`).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

REASONS = {
    "None": None,
    "ConditionalCheckFailed": "The conditional request failed",
    "ProvisionedThroughputExceeded": "The level of configured provisioned throughput for the table was exceeded.",
    "ThrottlingError": "Throughput exceeds the current capacity of your table or index.",
    "TransactionConflict": "Transaction is ongoing for the item",
    "ValidationError": "One or more parameter values were invalid",
}
"""Messages by code, as AWS's API reference of TransactWriteItems gives them."""


@dataclass(frozen=True)
class Fault:
    """What becomes of transactions.

    Attributes:
        transactions: how many.
        table: name; empty for any.
        reasons: codes for their actions.
    """

    transactions: int
    table: str
    reasons: tuple[str, ...]


class Faults:
    """Those that are to come, oldest first."""

    def __init__(self) -> None:
        self._coming: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Let transactions fail."""
        with self._lock:
            self._coming.append(fault)

    def clear(self) -> None:
        """Let all pass again."""
        with self._lock:
            self._coming.clear()

    def left(self) -> int:
        """Return how many transactions are still to fail."""
        with self._lock:
            return sum(fault.transactions for fault in self._coming)

    def take(self, tables: Iterable[str]) -> Fault | None:
        """Return what becomes of a transaction that is about some tables; None where it is left alone."""
        about = set(tables)
        with self._lock:
            for place, fault in enumerate(self._coming):
                if not fault.table or fault.table in about:
                    rest = replace(fault, transactions=fault.transactions - 1)
                    self._coming[place : place + 1] = [rest] if rest.transactions else []
                    return fault
        return None


def cancellation_reasons(codes: Iterable[str], actions: int) -> list[dict[str, str]]:
    """Return the reasons of a transaction of so many actions."""
    given = [*codes][:actions]
    return [_reason(code) for code in (*given, *["None"] * (actions - len(given)))]


def fault_of(document: Mapping[str, Any]) -> Fault:
    """Read a fault from a request's body.

    Raises:
        ValueError: it is none; the message says why.
    """
    reasons, count = tuple(document.get("reasons", ())), document.get("transactions")
    unknown = {*document} - {"transactions", "table", "reasons"} | {*reasons} - {*REASONS}
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}; reasons are {', '.join(REASONS)}")
    if all(reason == "None" for reason in reasons):
        raise ValueError("reasons, of which one is not None")
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise ValueError("transactions is a number from 1")
    return Fault(count, str(document.get("table", "")), reasons)


def _reason(code: str) -> dict[str, str]:
    message = REASONS[code]
    return {"Code": code, "Message": message} if message else {"Code": code}
