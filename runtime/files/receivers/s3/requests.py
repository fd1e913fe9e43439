"""The requests that are made of a store, signed; what the answers mean is judged elsewhere.

The signature covers the SHA-256 of the body, which is known before the first byte is read, so a store refuses bytes
that are not the bundle's: `x-amz-content-sha256`,
https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Final

from botocore.credentials import ReadOnlyCredentials

from baler.aws.http.signature import Signer
from baler.files.bundle.ids import bundle_key
from baler.files.bundle.manifest import META_FILE_COUNT, META_SHA256
from runtime.files.receivers.http.connections import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from runtime.files.courier.ports import Parcel
    from runtime.files.receivers.s3.keys import StoreKeys
    from runtime.files.receivers.s3.settings import StoreSettings

META_DOCUMENTED_SHA256: Final = "sha256_checksum"
"""The name that the requirements give to the hash in the metadata."""
META_BUNDLE_ID: Final = "bundle-id"
META_REPLAY_ID: Final = "replay-id"

META: Final = "x-amz-meta-"
CHECKSUM: Final = "x-amz-checksum-sha256"

_NOTHING: Final = hashlib.sha256().hexdigest()


class StoreRequests:
    """Makes the requests about one bundle in one bucket.

    Args:
        settings: which bucket.
        keys: to sign with.
        parcel: the bundle.
        deadline: of each request, seconds since the epoch.
    """

    def __init__(self, settings: StoreSettings, keys: StoreKeys, parcel: Parcel, deadline: float) -> None:
        self._settings = settings
        self._host = settings.endpoint.host
        credentials = ReadOnlyCredentials(keys.access_key_id, keys.secret_access_key, None)
        self._signer = Signer(lambda: credentials, settings.region, "s3")
        self._parcel = parcel
        self._path = settings.object_path(bundle_key(parcel.delivery.bundle_id))
        self._deadline = deadline

    def put(self, body: Iterable[bytes], *, expects: bool) -> Request:
        """Put the bundle; where the store can tell, only if nothing is there.

        Args:
            body: of the bundle.
            expects: announce it, and send it when the store wants it.
        """
        parcel = self._parcel
        signed = {
            "content-type": "application/gzip",
            f"{META}{META_SHA256}": parcel.sha256,
            f"{META}{META_DOCUMENTED_SHA256}": parcel.sha256,
            f"{META}{META_FILE_COUNT}": str(parcel.file_count),
            f"{META}{META_BUNDLE_ID}": parcel.delivery.bundle_id,
        }
        if parcel.delivery.replay_id:
            signed[f"{META}{META_REPLAY_ID}"] = parcel.delivery.replay_id
        if self._settings.told_checksums:
            told = base64.b64encode(bytes.fromhex(parcel.sha256)).decode()
            signed |= {"x-amz-sdk-checksum-algorithm": "SHA256", CHECKSUM: told}
        if self._settings.conditional_puts:
            signed["if-none-match"] = "*"
        headers = self._signed("PUT", self._path, signed, parcel.sha256)
        # Not signed: what stands between may change how the body is framed.
        headers.append(("Content-Length", str(parcel.size)))
        if expects:
            headers.append(("Expect", "100-continue"))
        return Request("PUT", self._path, headers, self._deadline, body)

    def head(self) -> Request:
        """Ask what is under the bundle's key."""
        # S3 keeps a checksum of what was put with one, and sends it to who asks.
        return self._request("HEAD", self._path, {"x-amz-checksum-mode": "ENABLED"})

    def get(self, into: Callable[[bytes], object]) -> Request:
        """Read what is under the bundle's key."""
        return self._request("GET", self._path, into=into)

    def head_bucket(self) -> Request:
        """Ask whether the bucket is there."""
        return self._request("HEAD", self._settings.bucket_path)

    def list_buckets(self, *, signed: bool) -> Request:
        """Ask the store itself for something, as us or as nobody."""
        path = self._settings.service_path
        return self._request("GET", path) if signed else Request("GET", path, [], self._deadline)

    def _request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        into: Callable[[bytes], object] | None = None,
    ) -> Request:
        return Request(method, path, self._signed(method, path, headers or {}, _NOTHING), self._deadline, into=into)

    def _signed(self, method: str, path: str, headers: Mapping[str, str], digest: str) -> list[tuple[str, str]]:
        signed = self._signer.sign(method, path, "", {"host": self._host, **headers}, digest)
        return [(name, value) for name, value in signed.items() if name != "host"]  # which the connection sends
