"""An entry of the index as it lies in the archive: gzip around a manifest, believed in nothing until it is checked."""

from __future__ import annotations

import zlib
from typing import Final

from baler.files.bundle.manifest import Manifest, ManifestError

# The aggregator bundles at most 1,000 files, and JSON writes a key of 1,024 bytes as six times as many, twice a file:
# 13 MB. Packed it is a fraction of that, but for keys that are noise.
_LARGEST_MANIFEST: Final = 16 * 1024 * 1024
LARGEST_ENTRY: Final = 8 * 1024 * 1024
# No object is larger: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
_LARGEST_FILE: Final = 50 * 1024**4
# zlib: a gzip header and trailer, the largest window.
_GZIP: Final = 31


def parse_entry(packed: bytes, bundle_id: str) -> Manifest:
    """Read an entry; memory is bounded whatever it claims.

    Raises:
        ManifestError: it is cut, damaged, larger than any that the aggregator writes, or another bundle's.
    """
    manifest = Manifest.parse(_unpacked(packed))
    if manifest.bundle_id != bundle_id:
        raise ManifestError(f"it is of bundle {manifest.bundle_id!r}")
    for number, file in enumerate(manifest.files):
        if file.size > _LARGEST_FILE:
            raise ManifestError(f"file {number} is larger than any object of S3")
    return manifest


def _unpacked(packed: bytes) -> bytes:
    if len(packed) > LARGEST_ENTRY:
        raise ManifestError(f"it has more than {LARGEST_ENTRY} bytes")
    stream = zlib.decompressobj(wbits=_GZIP)
    try:
        document = stream.decompress(packed, _LARGEST_MANIFEST)
    except zlib.error as error:
        raise ManifestError(f"it is not gzip: {error}") from error
    if not stream.eof:
        # Where the limit ended it, some input is left over.
        cut = not stream.unconsumed_tail
        raise ManifestError("its end is missing" if cut else f"it unpacks to more than {_LARGEST_MANIFEST} bytes")
    if stream.unused_data:
        raise ManifestError("something follows its end")
    return document
