"""A gateway that listens on the address it was given: LocalStack's own takes IPv4 on every interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localstack.runtime.server.core import RuntimeServerPlugin
from localstack.runtime.server.twisted import TwistedRuntimeServer
from localstack.utils.aws import aws_stack
from rolo.serving.twisted import TwistedGateway
from twisted.internet import reactor

if TYPE_CHECKING:
    from localstack.config import HostAndPort
    from rolo.gateway import Gateway
    from twisted.web.http import Request


class LeanGateway(TwistedGateway):
    """LocalStack's site without what twisted does for nobody: together a sixth of what a small POST takes it."""

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(gateway)
        # LocalStack reads forms itself. The option is Site's own, and TwistedGateway passes none on.
        self._parsePOSTFormSubmission = False

    def log(self, request: Request) -> None:
        """Write no access log: it would go nowhere."""


class LoopbackServer(TwistedRuntimeServer):
    """LocalStack's twisted server without its TLS, bound to `GATEWAY_LISTEN`'s host alone."""

    def register(
        self,
        gateway: Gateway,
        listen: list[HostAndPort],
        ssl_creds: tuple[str, str] | None = None,  # noqa: ARG002 - LocalStack's signature; see above
    ) -> None:
        """Listen, or raise `CannotListenError`: LocalStack then dies instead of being ready and deaf."""
        for address in listen:
            reactor.listenTCP(address.port, LeanGateway(gateway), interface=address.host)


class LoopbackServerPlugin(RuntimeServerPlugin):
    """Found by LocalStack under `GATEWAY_SERVER=loopback`."""

    name = "loopback"

    def load(self, *args: object, **kwargs: object) -> LoopbackServer:  # noqa: ARG002 - plux's signature
        """Return the server, and spare LocalStack a DNS query for `s3.127.0.0.1`: no such name exists."""
        aws_stack.CACHE_S3_HOSTNAME_DNS_STATUS = False
        return LoopbackServer()
