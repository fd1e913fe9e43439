"""S3 and DynamoDB as `baler audit` meets them, over HTTP: a made-up day of the file pipeline, of any size.

Run as a process of its own, it prints its address. Nothing is kept: what lies under a key follows from its number.
Each answer waits as long as it was told, as AWS's do.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import parse_qs, quote, unquote, urlsplit

from baler.files.bundle.ids import bundle_key, manifest_key, new_bundle_id
from baler.files.bundle.manifest import Manifest, ManifestFile, timestamp
from sandbox.localstack.ports import LOOPBACK

DAY: Final = datetime(2026, 11, 20, tzinfo=UTC)
DEVICES: Final = 1000
_PAGE: Final = 1000
# The first of those that are lost; the one behind it is the first of those that are there twice.
_FIRST: Final = 1
_NAMESPACE: Final = "http://s3.amazonaws.com/doc/2006-03-01/"
_SHA256: Final = "0" * 64


@dataclass(frozen=True)
class MadeUpDay:
    """A day's files, evenly over the day and DEVICES, bundled in their order.

    Attributes:
        files: how many; a multiple of DEVICES.
        per_bundle: files of a bundle.
        lost_every: every so many files one is in no bundle.
        twice_every: every so many files one is in the next bundle too.
    """

    files: int
    per_bundle: int
    lost_every: int
    twice_every: int

    @property
    def bundles(self) -> int:
        """How many there are."""
        return -(-self.files // self.per_bundle)

    def at(self, number: int) -> datetime:
        """Return when a file landed."""
        return DAY + timedelta(seconds=number * 86_400 / self.files)

    def key(self, number: int) -> str:
        """Return a file's key."""
        return f"device-{number % DEVICES:03}/{number:09}.json"

    def version(self, number: int) -> str:
        """Return a file's version."""
        return hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()

    def by_key(self, position: int) -> int:
        """Return the number of the file at a position of the listing."""
        device, place = divmod(position, self.files // DEVICES)
        return place * DEVICES + device

    def bundle_id(self, bundle: int) -> str:
        """Return a bundle's id."""
        return new_bundle_id(self.at(bundle * self.per_bundle).timestamp(), bundle.to_bytes(8, "big"))

    def manifest(self, bundle: int) -> bytes:
        """Return a bundle's entry in the index."""
        first = bundle * self.per_bundle
        numbers = [n for n in range(first, min(first + self.per_bundle, self.files)) if n % self.lost_every != _FIRST]
        numbers += [n for n in range(max(0, first - self.per_bundle), first) if n % self.twice_every == _FIRST + 1]
        listed = tuple(
            ManifestFile(self.key(n), self.version(n), 10_000, timestamp(self.at(n)), _SHA256, f"files/{self.key(n)}")
            for n in numbers
        )
        return gzip.compress(Manifest(self.bundle_id(bundle), timestamp(DAY), listed).to_bytes(), 1, mtime=0)


def versions_page(day: MadeUpDay, marker: str) -> bytes:
    """Return a page of ListObjectVersions; the marker's version is the position behind the last one of the page."""
    first = int(marker or "0")
    last = min(first + _PAGE, day.files)
    versions = "".join(
        f"<Version><Key>{quote(day.key(n))}</Key><VersionId>{day.version(n)}</VersionId><IsLatest>true</IsLatest>"
        f"<LastModified>{day.at(n):%Y-%m-%dT%H:%M:%S}.000Z</LastModified>"
        f"<ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><Size>10000</Size>"
        f"<StorageClass>STANDARD</StorageClass><Owner><ID>{_SHA256}</ID></Owner></Version>"
        for n in map(day.by_key, range(first, last))
    )
    more = last < day.files
    nexts = f"<NextKeyMarker>k</NextKeyMarker><NextVersionIdMarker>{last}</NextVersionIdMarker>" if more else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><ListVersionsResult xmlns="{_NAMESPACE}"><Name>landing</Name>'
        f"<EncodingType>url</EncodingType><IsTruncated>{str(more).lower()}</IsTruncated>{nexts}{versions}"
        "</ListVersionsResult>"
    ).encode()


def objects_page(day: MadeUpDay, prefix: str, token: str) -> bytes:
    """Return a page of ListObjectsV2 of the archive."""
    key_of = {"bundles/": bundle_key, "manifests/": manifest_key}.get(prefix)
    first = int(token or "0")
    last = min(first + _PAGE, day.bundles) if key_of else first
    contents = "".join(
        f"<Contents><Key>{quote(key_of(day.bundle_id(bundle)))}</Key>"
        f"<LastModified>2026-11-20T00:00:00.000Z</LastModified><ETag>&quot;0&quot;</ETag><Size>100000</Size></Contents>"
        for bundle in range(first, last)
        if key_of
    )
    more = bool(key_of) and last < day.bundles
    nexts = f"<NextContinuationToken>{last}</NextContinuationToken>" if more else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="{_NAMESPACE}"><EncodingType>url</EncodingType>'
        f"<IsTruncated>{str(more).lower()}</IsTruncated>{nexts}{contents}</ListBucketResult>"
    ).encode()


def items(asked: bytes) -> bytes:
    """Answer BatchGetItem: every bundle is committed, and no file is claimed."""
    ((table, wanted),) = json.loads(asked)["RequestItems"].items()
    found = [
        {**key, "state": {"S": "committed"}, "expires_at": {"N": "9999999999"}}
        for key in wanted["Keys"]
        if key["pk"]["S"].startswith("bundle#")
    ]
    return json.dumps({"Responses": {table: found}, "UnprocessedKeys": {}}).encode()


def serve(day: MadeUpDay, s3_seconds: float, dynamodb_seconds: float) -> None:
    """Serve until the process ends; print the address first."""
    by_id = {manifest_key(day.bundle_id(bundle)): bundle for bundle in range(day.bundles)}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Of a small answer every part would wait for the acknowledgement of the one before.
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_GET(self) -> None:
            time.sleep(s3_seconds)
            address = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(address.query, keep_blank_values=True).items()}
            bucket, _, key = unquote(address.path)[1:].partition("/")
            if "versions" in query:
                self._answer(versions_page(day, query.get("version-id-marker", "")))
            elif key:
                self._answer(day.manifest(by_id[key]))
            else:
                prefix = query.get("prefix", "") if bucket == "archive" else ""
                self._answer(objects_page(day, prefix, query.get("continuation-token", "")))

        def do_POST(self) -> None:
            time.sleep(dynamodb_seconds)
            self._answer(items(self.rfile.read(int(self.headers["content-length"]))))

        def _answer(self, body: bytes) -> None:
            self.send_response_only(HTTPStatus.OK)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    with ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        server.daemon_threads = True
        print(f"http://{LOOPBACK}:{server.server_port}", flush=True)  # noqa: T201 - who has started it reads it
        server.serve_forever()


if __name__ == "__main__":
    files, per_bundle, lost_every, twice_every = map(int, sys.argv[1:5])
    serve(MadeUpDay(files, per_bundle, lost_every, twice_every), float(sys.argv[5]), float(sys.argv[6]))
