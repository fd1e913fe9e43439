"""Which store, and what it can do: the stack's settings of the delivery `s3`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import quote, urlsplit

from runtime.files.receivers.http.endpoint import ReceiverEndpoint


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """One bucket of a store.

    Attributes:
        url: `https://`, the name in the store's certificate, perhaps a port and a path.
        address: the IPv4 address that is dialled: nothing resolves names where the courier runs.
        bucket: which exists; it is never made.
        prefix: what the keys of bundles begin with, "" for none.
        region: in the signature. Most stores take any or call their own us-east-1.
        path_style: the bucket is in the URL's path, the only style that works without a name for each bucket; else it
            is before the store's name.
        conditional_puts: the store knows `If-None-Match: *`; else it is asked before each put.
        verify_by_read: what was put is read back and hashed; else only asked for.
        told_checksums: the put also carries S3's SHA-256 checksum, which newer stores keep and tell.
    """

    url: str
    address: str
    bucket: str
    prefix: str = ""
    region: str = "us-east-1"
    path_style: bool = True
    conditional_puts: bool = True
    verify_by_read: bool = False
    told_checksums: bool = False

    @property
    def endpoint(self) -> ReceiverEndpoint:
        """Return where the bucket is.

        Raises:
            ValueError: URL or address are none.
        """
        store = ReceiverEndpoint.of(self.url, self.address)
        return store if self.path_style else replace(store, name=f"{self.bucket}.{store.name}")

    @property
    def service_path(self) -> str:
        """Return the path of what is asked of the store itself."""
        return urlsplit(self.url).path.rstrip("/") + "/"

    @property
    def bucket_path(self) -> str:
        """Return the path of what is asked of the bucket."""
        return f"{self.service_path}{quote(self.bucket)}" if self.path_style else self.service_path

    def object_path(self, key: str) -> str:
        """Return the path of an object, percent-encoded as it is sent and signed.

        Args:
            key: without the prefix.
        """
        return f"{self.bucket_path.rstrip('/')}/{quote(self.prefix + key, safe='/~')}"
