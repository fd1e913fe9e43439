"""The courier's receiver, where that is an S3-compatible store."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Final, Self

from runtime.files.receivers.http.connections import Connections
from runtime.files.receivers.http.identity import Identity
from runtime.files.receivers.http.secret import HttpSecret
from runtime.files.receivers.repeatable_body import EXPECT_BYTES, RepeatableBody
from runtime.files.receivers.s3.keys import StoreKeys
from runtime.files.receivers.s3.put import Put
from runtime.files.receivers.s3.requests import StoreRequests

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.files.courier.answer import Answer
    from runtime.files.courier.ports import Parcel
    from runtime.files.receivers.credentials import Credentials, SecretVersion
    from runtime.files.receivers.s3.put import Store
    from runtime.files.receivers.s3.settings import StoreSettings

# The authorities of the secret's version in force, and of the one before.
_STORES_MAX: Final = 2


class S3Receiver:
    """The Receiver port (see runtime/files/courier/ports.py). Threads may share it.

    Args:
        settings: which bucket.
        credentials: the store's keys.
        connect: returns connections that trust the authorities in a PEM text, or the system's for "".
    """

    def __init__(self, settings: StoreSettings, credentials: Credentials, connect: Callable[[str], Store]) -> None:
        self._settings = settings
        self._credentials = credentials
        self._connect = connect
        self._lock = threading.Lock()
        self._stores: OrderedDict[str, Store] = OrderedDict()
        # The store, or a proxy before it, said 417: it does not know Expect.
        self._expects = True

    @classmethod
    def over_tls(cls, settings: StoreSettings, credentials: Credentials) -> Self:
        """Make a receiver that dials the store.

        Raises:
            ValueError: its URL or address is none.
        """
        endpoint = settings.endpoint
        return cls(
            settings, credentials, lambda pem: Connections(endpoint, Identity.of(HttpSecret(ca_certificate=pem)))
        )

    def send(self, parcel: Parcel, deadline: float) -> Answer:
        """Put a parcel where it is not yet, and see that it is there; once more with other keys if those were refused.

        Args:
            parcel: what is put; its body is closed afterwards.
            deadline: when all of it is over, seconds since the epoch.

        Raises:
            Exception: whatever the parcel's body raises. The store then had less than all of it, and keeps nothing.
        """
        body = RepeatableBody(parcel.body)
        try:
            return self._credentials.send(
                lambda version: self._attempt(version, parcel, body, deadline), lambda: body.repeatable
            )
        finally:
            parcel.body.close()

    def close(self) -> None:
        """Close the connections that nobody uses."""
        with self._lock:
            stores, self._stores = self._stores, OrderedDict()
        for store in stores.values():
            store.close()

    def _attempt(self, version: SecretVersion, parcel: Parcel, body: RepeatableBody, deadline: float) -> Answer:
        keys = StoreKeys.parse(version.text)
        requests = StoreRequests(self._settings, keys, parcel, deadline)
        expects = self._expects and parcel.size > EXPECT_BYTES
        put = Put(self._settings, requests, self._store(keys.ca_certificate), parcel, expects=expects)
        answer = put.run(body)
        if put.expects_nothing:
            self._expects = False
        return answer

    def _store(self, authorities: str) -> Store:
        """Return the connections that trust those authorities.

        Raises:
            UnusableCredentialsError: they cannot be read.
        """
        with self._lock:
            store = self._stores.get(authorities)
            if store is None:
                store = self._stores[authorities] = self._connect(authorities)
            self._stores.move_to_end(authorities)
            if len(self._stores) > _STORES_MAX:
                _, old = self._stores.popitem(last=False)
                old.close()
            return store
