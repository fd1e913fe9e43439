"""The site on this machine for the length of a `with` block."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sandbox.errors import SandboxError
from sandbox.localstack.ports import LOOPBACK
from sandbox.site.server import Origins, SiteServer

if TYPE_CHECKING:
    from collections.abc import Generator

    from components.lake.site.headers import SecurityHeaders
    from sandbox.engine.endpoint import Endpoint

_POLL_SECONDS: Final = 0.1


@contextmanager
def running_site(
    endpoint: Endpoint, *, bucket: str, api_url: str, headers: SecurityHeaders, port: int = 0
) -> Generator[str]:
    """Serve a deployed site, and yield its address, with a slash at the end.

    Args:
        endpoint: clients of somebody who may read the bucket.
        bucket: the site's.
        api_url: of the HTTP API.
        headers: of the build that is in the bucket (`read_build().headers`).
        port: on the loopback interface; 0 for a free one.

    Raises:
        SandboxError: the port is taken.
    """
    origins = Origins(endpoint.s3, bucket, api_url.rstrip("/"), headers.by_name())
    try:
        server = SiteServer(port, origins)
    except OSError as error:
        raise SandboxError(f"The site cannot listen on port {port} ({error.strerror}): name another one.") from error
    thread = threading.Thread(target=server.serve_forever, args=(_POLL_SECONDS,), name="site", daemon=True)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
