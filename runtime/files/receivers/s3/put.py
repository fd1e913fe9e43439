"""Puts one bundle into a bucket once, and believes that it is there when the store shows it."""

from __future__ import annotations

import hashlib
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Protocol

from baler.files.courier.answer import Answer, Meaning
from runtime.files.receivers.http.answers import answer_of_status
from runtime.files.receivers.http.connections import NoReplyError
from runtime.files.receivers.repeatable_body import EXPECT_BYTES
from runtime.files.receivers.s3.answers import (
    ANOTHER_OBJECT,
    CONDITION_WITHOUT_OBJECT,
    ERROR_IN_SUCCESS,
    GONE_AFTER_PUT,
    NO_BUCKET,
    UNKNOWN_KEY,
    difference,
)

if TYPE_CHECKING:
    from runtime.files.courier.ports import Parcel
    from runtime.files.receivers.http.connections import Reply, Request
    from runtime.files.receivers.repeatable_body import RepeatableBody
    from runtime.files.receivers.s3.requests import StoreRequests
    from runtime.files.receivers.s3.settings import StoreSettings

# What may mean that the key is taken: 412 of a condition, 409 of two puts at once, or of a key above or below another.
_TAKEN: Final = frozenset({HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED})


class Store(Protocol):
    """Connections to a store."""

    def ask(self, request: Request) -> Reply:
        """Send a request once, and return what came back.

        Raises:
            NoReplyError: nothing did.
        """
        ...

    def close(self) -> None:
        """Close those that nobody uses."""
        ...


class Put:
    """One attempt.

    Args:
        settings: which bucket.
        requests: about the bundle.
        store: who is asked.
        parcel: the bundle.
        expects: the body waits for the store's word.

    Attributes:
        expects_nothing: the store, or a proxy before it, does not know Expect.
    """

    def __init__(
        self, settings: StoreSettings, requests: StoreRequests, store: Store, parcel: Parcel, *, expects: bool
    ) -> None:
        self._settings = settings
        self._requests = requests
        self._store = store
        self._parcel = parcel
        self._expects = expects
        self.expects_nothing = False

    def run(self, body: RepeatableBody) -> Answer:
        """Return what became of it.

        Raises:
            UnusableCredentialsError: nothing can be sent with the secret.
            Exception: whatever the body raises.
        """
        try:
            return self._before() or self._after(self._put(body))
        except NoReplyError as error:
            return error.answer

    def _before(self) -> Answer | None:
        """Return what keeps the bundle from being put; None for nothing."""
        if not self._settings.conditional_puts:
            return self._there()
        if self._parcel.size > EXPECT_BYTES:
            # Not every store refuses an access key before it has read the body, which can be read but once. Refused
            # here, the body is still whole, and other keys can be tried.
            return self._barred()
        return None

    def _put(self, body: RepeatableBody) -> Reply:
        put = self._store.ask(self._requests.put(body, expects=self._expects))
        if put.status != HTTPStatus.EXPECTATION_FAILED or not self._expects:
            return put
        self.expects_nothing = True
        if not body.repeatable:
            # Said too late: it is about the header, and not about the bundle, which is sent without it the next time.
            raise NoReplyError(Answer(Meaning.UNREACHABLE, str(put.status), put.status))
        return self._store.ask(self._requests.put(body, expects=False))

    def _after(self, put: Reply) -> Answer:
        if _succeeded(put):
            if b"<Error>" in put.body:
                return Answer(Meaning.UNREACHABLE, ERROR_IN_SUCCESS, put.status)
            return self._there() or Answer(Meaning.UNREACHABLE, GONE_AFTER_PUT, put.status)
        if put.status in _TAKEN:
            # A conditional put that took effect though nobody heard of it is answered like this too.
            return self._there() or Answer(Meaning.REFUSED, CONDITION_WITHOUT_OBJECT, put.status)
        if put.status == HTTPStatus.NOT_FOUND:
            return self._barred() or _judged(put)
        return _judged(put)

    def _there(self) -> Answer | None:
        """Return what the object under the bundle's key means; None where there is none."""
        head = self._store.ask(self._requests.head())
        if head.status == HTTPStatus.NOT_FOUND:
            return None
        if not _succeeded(head):
            return _judged(head)
        reason = difference(head, self._parcel)
        return _compared(reason, head.status) if reason or not self._settings.verify_by_read else self._read_back()

    def _read_back(self) -> Answer:
        digest, size = hashlib.sha256(), 0

        def take(piece: bytes) -> None:
            nonlocal size
            digest.update(piece)
            size += len(piece)

        reply = self._store.ask(self._requests.get(take))
        if not _succeeded(reply):
            return _judged(reply)
        same = size == self._parcel.size and digest.hexdigest() == self._parcel.sha256
        return _compared("" if same else ANOTHER_OBJECT, reply.status)

    def _barred(self) -> Answer | None:
        """Ask for the bucket, and return what is wrong with it; None where it is there, and ours."""
        bucket = self._store.ask(self._requests.head_bucket())
        if _succeeded(bucket):
            return None
        return self._missing(bucket) if bucket.status == HTTPStatus.NOT_FOUND else _judged(bucket)

    def _missing(self, bucket: Reply) -> Answer:
        """Ask what it is that is not there: the bucket, or on some stores the access key, or all of S3."""
        as_us = self._store.ask(self._requests.list_buckets(signed=True))
        if as_us.status != HTTPStatus.NOT_FOUND:
            answer = _judged(as_us)
            away = answer.meaning in {Meaning.BUSY, Meaning.UNREACHABLE}
            return answer if away else Answer(Meaning.MISPLACED, NO_BUCKET, bucket.status)
        as_nobody = self._store.ask(self._requests.list_buckets(signed=False))
        if as_nobody.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return Answer(Meaning.UNAUTHORIZED, UNKNOWN_KEY, bucket.status)
        return _judged(bucket)


def _succeeded(reply: Reply) -> bool:
    return HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES


def _judged(reply: Reply) -> Answer:
    return answer_of_status(reply.status, reply.headers, time.time())


def _compared(reason: str, status: int) -> Answer:
    return Answer(Meaning.REFUSED, reason, status) if reason else Answer(Meaning.ACCEPTED, str(status), status)
