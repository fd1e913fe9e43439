"""What becomes of a request, from when it has arrived until its answer is sent or never is.

Twisted's own thread decides and waits, so that no request holds a thread of the gateway while its latency passes, and
one that is never answered holds none at all. The threads run LocalStack and give its answer another end.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

from rolo.serving.twisted import HeaderPreservingWSGIResource, HeaderPreservingWSGIResponse
from twisted.web.server import NOT_DONE_YET

from baler_wire import connections
from baler_wire.chain import AFTER, BEFORE, join_chain
from baler_wire.current import in_force
from baler_wire.framing import framed, identified, is_s3
from baler_wire.identifiers import Identifiers
from baler_wire.partly import partly, whole_answer
from baler_wire.refusals import CONFLICT, failed, throttled
from baler_wire.requests import head_of
from baler_wire.writes import WritesInProgress

if TYPE_CHECKING:
    from baler_wire.profile import Fault
    from baler_wire.requests import RequestHead

# Of a body: where `Action=` is, and how far it is searched for a text.
_READ_BYTES: Final = 1024
_SEARCHED_BYTES: Final = 64 * 1024
# Of the entries of a batch that is refused in part.
_REFUSED_SHARE: Final = 0.3
# What takes long is begun with 200, and what became of it is in the body (API reference, CopyObject).
_BEGUN_WITH_200: Final = frozenset({"CompleteMultipartUpload", "CopyObject", "UploadPartCopy"})
_WRITES: Final = WritesInProgress()


def lay() -> None:
    """Let every request to this LocalStack come by here."""
    join_chain()
    HeaderPreservingWSGIResource.render = _render


def _render(resource: HeaderPreservingWSGIResource, request: Any) -> int:
    """Begin with a request that has arrived; in twisted's thread."""
    connections.note(request.channel)
    if connections.is_silent(request.channel):
        return NOT_DONE_YET
    head = _head(request)
    now = in_force()
    fault, seconds = None, 0.0
    if now.concerns(head):
        fault = now.fault_of(head, _beginning(request, _SEARCHED_BYTES) if now.profile.faults else b"")
        seconds = now.latency_seconds(head) + (fault.seconds if fault else 0.0)
    if fault and fault.ends_before:
        # LocalStack never sees it. Nothing becomes of one that is silent: its connection stays until the client leaves.
        if fault.kind == "reset":
            _later(resource, seconds, request.transport.abortConnection)
    else:
        _later(resource, seconds, WireResponse(resource, request, head, fault).start)
    return NOT_DONE_YET


def _later(resource: HeaderPreservingWSGIResource, seconds: float, act: Any, *arguments: Any) -> None:
    if seconds:
        resource._reactor.callLater(seconds, act, *arguments)  # noqa: SLF001 - the one that it was given
    else:
        act(*arguments)


def _head(request: Any) -> RequestHead:
    headers = {
        name.decode("latin-1").lower(): values[0].decode("latin-1")
        for name, values in request.requestHeaders.getAllRawHeaders()
    }
    body = _beginning(request, _READ_BYTES)
    return head_of(request.method.decode("latin-1"), request.uri.decode("latin-1"), headers, body)


def _beginning(request: Any, size: int) -> bytes:
    beginning = request.content.read(size)
    request.content.seek(0)
    return beginning


class WireResponse(HeaderPreservingWSGIResponse):
    """LocalStack's answer to one request, framed as AWS frames it, and ended as a fault says.

    `run`, `startResponse` and `write` are called in a thread of the gateway, everything else in twisted's.
    """

    def __init__(
        self, resource: HeaderPreservingWSGIResource, request: Any, head: RequestHead, fault: Fault | None
    ) -> None:
        super().__init__(resource._reactor, resource._threadpool, resource._application, request)  # noqa: SLF001
        self._head = head
        self._fault = fault
        self._identifiers: Identifiers | None = None
        self._code = 0
        self._writes = ""
        self._note_refusal()
        # Twisted closes a request's body when its client leaves; a service that has a request goes on with it.
        request.content = io.BytesIO()

    def _note_refusal(self) -> None:
        """Let the chain refuse it, where it is to be; a write that is not refused is in progress from now on."""
        fault, service = self._fault, self._head.service
        if fault and fault.kind == "throttled":
            self.environ[BEFORE] = throttled(service)
        elif fault and fault.kind == "failed":
            self.environ[AFTER if fault.when == "after" else BEFORE] = failed(service)
        if written := BEFORE not in self.environ and self._head.written_object:
            if _WRITES.begin(written, conditional=self._head.conditional):
                self._writes = written
            else:
                self.environ[BEFORE] = CONFLICT

    def run(self) -> None:
        """Let LocalStack answer."""
        try:
            if self._fault and self._fault.loses_answer:
                self.application = self._losing(self.application, self._fault)
            elif self._fault and self._fault.kind == "partial":
                self.application = partly(self.application, self._head.operation, self._refuses_entry)
            super().run()
        finally:
            if self._writes:
                _WRITES.end(self._writes)

    def startResponse(self, status: str, headers: list[tuple[str, str]], excInfo: Any = None) -> Any:  # noqa: N802, N803 - WSGI's names
        """Take the head of an answer, and put it as S3 would."""
        self._code = int(status.partition(" ")[0])
        if is_s3(headers):
            self._identifiers = Identifiers()
            headers = framed(self._code, headers, self._head, self._identifiers)
            if self._code >= 500 and self._head.operation in _BEGUN_WITH_200:  # noqa: PLR2004 - HTTP's own boundary
                status = "200 OK"
        if self._closes():
            headers = [*headers, ("Connection", "close")]
            channel = self.request.channel
            if channel is not None:  # its client has not left
                channel.persistent = False
        return super().startResponse(status, headers, excInfo)

    def write(self, data: bytes) -> None:
        """Send a piece of an answer."""
        if self._identifiers:
            data = identified(self._code, data, self._identifiers)
        super().write(data)

    def _closes(self) -> bool:
        """Tell whether its connection ends: as S3's do that is too busy, so that its client comes elsewhere."""
        by_fault = self._fault is not None and self._fault.kind == "closed"
        return by_fault or (self._identifiers is not None and self._code >= 500)  # noqa: PLR2004 - HTTP's own boundary

    def _refuses_entry(self) -> bool:
        """Draw for one entry of a batch."""
        return in_force().dice.share(f"entry {self._head.service} {self._head.operation}") < _REFUSED_SHARE

    def _losing(self, application: Any, fault: Fault) -> Any:
        """Return what does as LocalStack does, and says nothing of it, or half."""

        def losing(environ: Any, start_response: Any) -> list[bytes]:
            head, body = whole_answer(application, environ)
            begun = fault.when == "midway" and len(body) > 1
            if begun:
                start_response(*head)
                self.write(body[: len(body) // 2])
            if fault.kind == "reset":
                transport = self.request.transport
                # What was written arrives before the connection ends.
                self.reactor.callFromThread(transport.loseConnection if begun else transport.abortConnection)
            # Twisted sends no more of it.
            self._requestFinished = True
            return []

        return losing
