"""A rename that never replaces anything."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

# The C function and its "fail if the target exists" flag: renameat2(2) on Linux, renameatx_np(2) on macOS.
_EXCLUSIVE: Final = {"linux": ("renameat2", 1), "darwin": ("renameatx_np", 4)}
# What a kernel or file system without that flag (NFS, for one) answers.
_NOT_SUPPORTED: Final = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}


def rename_exclusively(source: bytes, source_folder: int, target: bytes, target_folder: int) -> None:
    """Rename a file between two open folders in one atomic step.

    Where the file system has no exclusive rename the target is looked for first, which leaves an instant in which
    another program could make it; this service is the only one that makes files there.

    Raises:
        FileExistsError: there is something at the target already.
        OSError: anything else that rename(2) reports.
    """
    number = _exclusive_rename()(source_folder, source, target_folder, target)
    if number in _NOT_SUPPORTED:
        try:
            os.stat(target, dir_fd=target_folder, follow_symlinks=False)
        except FileNotFoundError:
            os.rename(source, target, src_dir_fd=source_folder, dst_dir_fd=target_folder)
            return
        number = errno.EEXIST
    if number:
        raise OSError(number, os.strerror(number), os.fsdecode(target))


@cache
def _exclusive_rename() -> Callable[[int, bytes, int, bytes], int]:
    """Return a function that tries the exclusive rename and returns 0 or an errno."""
    name, flag = _EXCLUSIVE.get(sys.platform, ("", 0))
    function = getattr(ctypes.CDLL(None, use_errno=True), name, None) if name else None
    if function is None:
        return _unsupported
    function.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)

    def call(source_folder: int, source: bytes, target_folder: int, target: bytes) -> int:
        failed = function(source_folder, source, target_folder, target, flag)
        return ctypes.get_errno() if failed else 0

    return call


def _unsupported(_source_folder: int, _source: bytes, _target_folder: int, _target: bytes) -> int:
    return errno.ENOSYS
