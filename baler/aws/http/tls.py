"""Which failures of TLS are refusals, that another try would meet again."""

from __future__ import annotations

import ssl
from typing import Final

# How TLS shows a connection that broke rather than a peer that refused.
_BROKEN: Final = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)


def is_refused(error: BaseException) -> bool:
    """Whether a handshake failed for a reason that stays: a certificate, a protocol, an alert of the other side.

    Args:
        error: of this library, of urllib3 or of botocore; each wraps the one before in a way of its own.
    """
    found = _ssl_error(error)
    if found is None or isinstance(found, _BROKEN):
        return False
    return "INTERNAL_ERROR" not in str(getattr(found, "reason", ""))


def _ssl_error(error: BaseException) -> ssl.SSLError | None:
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        found = waiting.pop()
        if not isinstance(found, BaseException) or id(found) in seen:
            continue
        seen.add(id(found))
        if isinstance(found, ssl.SSLError) and not isinstance(found, TimeoutError):
            return found
        arguments: dict[str, object] = getattr(found, "kwargs", {})
        waiting += [*found.args, arguments.get("error"), found.__cause__, found.__context__]
    return None
