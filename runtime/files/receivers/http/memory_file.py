"""Files in memory, for what the standard library takes from files alone: certificates and keys."""

from __future__ import annotations

import ctypes
import os
import platform
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator

# By processor, from the kernel's tables of system calls. `os.memfd_create` needs glibc 2.27, and Lambda's Python 3.11
# has 2.26.
_MEMFD_CREATE: Final = {"x86_64": 319, "aarch64": 279}
_CLOSE_ON_EXEC: Final = 1


@contextmanager
def readable(text: str) -> Generator[str]:
    """Make a path from which a text can be read for the length of a `with` block; no folder ever lists it."""
    try:
        descriptor = _memory_file()
    except OSError:
        # The kernel does not let us. A file without a name leaves nothing behind either.
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    with open(descriptor, "wb") as sink:  # noqa: PTH123 - a descriptor
        sink.write(text.encode())
        sink.flush()
        yield f"/proc/self/fd/{descriptor}"


def _memory_file() -> int:
    number = _MEMFD_CREATE.get(platform.machine())
    if number is None:
        raise OSError(f"the system calls of {platform.machine()} are not known here")
    descriptor: int = ctypes.CDLL(None, use_errno=True).syscall(number, b"baler", _CLOSE_ON_EXEC)
    if descriptor < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return descriptor
