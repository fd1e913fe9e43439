"""A call for each of many items, many at once or one by one."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, wait
from threading import Semaphore, Thread
from typing import TYPE_CHECKING, TypeVar

from baler.cli.s3 import CONNECTIONS
from baler.cli.shutdown import Stopping

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def concurrently(
    call: Callable[[Item], Answer], items: Iterable[Item], *, most: int = CONNECTIONS
) -> Generator[Answer]:
    """Call for each item, at most so many at once, and yield the answers in the order of the items.

    Items are taken as calls end, never all before the first. An error, or closing the generator, lets the calls that
    are under way end and makes no other. Stopping that comes while it waits for them does not: they end with the
    process, so a service that is silent holds up no signal.
    """
    places = Semaphore(most)
    ahead: deque[Future[Answer]] = deque()
    try:
        for item in items:
            places.acquire()
            ahead.append(_started(call, item, places))
            if len(ahead) >= 2 * most:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    except Stopping:
        ahead.clear()
        raise
    finally:
        wait(ahead)


def _started(call: Callable[[Item], Answer], item: Item, places: Semaphore) -> Future[Answer]:
    """Call on a thread of its own, which ends with the process: a pool's threads would hold that up."""
    answer: Future[Answer] = Future()

    def run() -> None:
        try:
            answer.set_result(call(item))
        except BaseException as error:  # noqa: BLE001 - raised where the answer is read
            answer.set_exception(error)
        finally:
            places.release()

    Thread(target=run, daemon=True).start()
    return answer


def one_by_one(call: Callable[[Item], Answer], items: Iterable[Item]) -> Generator[Answer]:
    """Call for each item in turn, in this thread: a signal may interrupt the call."""
    for item in items:
        yield call(item)
