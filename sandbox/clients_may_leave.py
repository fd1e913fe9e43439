"""What the servers of the sandbox have in common: a client that leaves half-way is nothing to report."""

from __future__ import annotations

import sys
from socketserver import BaseServer
from typing import Any


class ClientsMayLeave(BaseServer):
    """A server to be mixed in before another: a browser closes connections in the middle of answers, as it likes."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print a fault of the server's own, as it does itself, and nothing of a client that is gone."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)
