"""`pulumi up` in a rehearsal's terminal: puts back what the fault has changed, which the program declares otherwise."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

_LOOK_SECONDS: Final = 0.1


@contextmanager
def answered_pulumi_up(request: Path, put_back: Callable[[], None]) -> Generator[None]:
    """Answer `pulumi up` of other processes for the length of the block.

    Args:
        request: the file that it makes, and waits for to be gone.
        put_back: what it does.
    """
    request.unlink(missing_ok=True)
    ended = threading.Event()

    def answer() -> None:
        while not ended.wait(_LOOK_SECONDS):
            if request.exists():
                put_back()
                request.unlink()

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
