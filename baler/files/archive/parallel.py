"""A call for each of many items, many at once or one by one."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from baler.cli.s3 import CONNECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from concurrent.futures import Future

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def concurrently(call: Callable[[Item], Answer], items: Iterable[Item]) -> Generator[Answer]:
    """Call for each item, a few at once, and yield the answers in the order of the items.

    Items are taken as calls end, never all before the first. An error, or closing the generator, lets the calls that
    are under way end and makes no other.
    """
    pool = ThreadPoolExecutor(CONNECTIONS)
    ahead: deque[Future[Answer]] = deque()
    try:
        for item in items:
            ahead.append(pool.submit(call, item))
            if len(ahead) >= 2 * CONNECTIONS:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def one_by_one(call: Callable[[Item], Answer], items: Iterable[Item]) -> Generator[Answer]:
    """Call for each item in turn, in this thread: a signal may interrupt the call."""
    for item in items:
        yield call(item)
