"""What lies in the archive under the key of a bundle that must never get there.

The protocol needs the fence under the bundle's own key. There an auditor finds it too, who synchronizes the archive to
a disk and unpacks what is called `.tar.gz`: so it is one, and its only member says what it is. Programs know a fence by
its metadata.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Final

# Never a Content-Encoding: clients would unpack the bundle and the hash would be of something else.
CONTENT_TYPE: Final = "application/gzip"
# User metadata of a fence, by which a reader of the archive knows that there is no bundle.
META_FENCE: Final = "fence"
# A fence has fewer bytes. A reader that lists the archive needs the metadata of no larger object.
FENCE_BYTES_MAX: Final = 1024

# A tar.gz whose only member, NOT-A-BUNDLE.txt, says what it is (a test unpacks it). It is written out here because what
# zlib makes of the same bytes differs between its versions, and listings know a fence by its ETag.
_BODY: Final = base64.b64decode(
    "H4sIAAAAAAACA+3PS07DMBAG4KxzijlAGqWolDUIdqhsygGm9QQHEruynZbjM04bkNjTDf+n"  # pragma: allowlist secret
    "KH5MMo/Ny3Zxv3h43Tw+P9XpMxV/oFHr1Wpa1e+1uV3+7Kf7ZXOzviuoKa5gjImDli/+p63t"  # pragma: allowlist secret
    "IunjPO1GZ3oh31Lb9RIrYmf03kmOD12MnXsjK0HqstxaIU5JhkOiZDnRiSMlTxz2tjtqbM6m"  # pragma: allowlist secret
    "bwn6SS7Bg5Do2VTkA0WRQYz+VFo+fgd20vqgFROZztQ0ted377I/lziMiTqnYd32vJdc80Pk"  # pragma: allowlist secret
    "oBVkKlC2wQ+aJfc6Rs3PbdIGuO8rsv4kRz30nCSnlvOgeeJphnkgzg24kp3XrOEySTXPZi4z"  # pragma: allowlist secret
    "zeFctS4LAAAAAAAAAAAAAAAAAAAAAACAK/sC90ckiwAoAAA="  # pragma: allowlist secret
)


def body_of_fence() -> bytes:
    """Return the bytes of a fence, a tar.gz; the same for all."""
    return _BODY


@cache
def fence_etags() -> frozenset[str]:
    """Return the ETags that a fence may have in a listing, without quotation marks: the MD5 of its bytes.

    Who changes the bytes adds the MD5 of those before: fences stay in the archive for good.
    """
    return frozenset({hashlib.md5(body_of_fence(), usedforsecurity=False).hexdigest()})


def is_fence(size: int, etag: str) -> bool:
    """Tell from a listing whether an object is a fence: all fences have the same bytes, and so the same ETag.

    The ETag of an object that came in one PUT, encrypted by S3's own keys, is the MD5 of its bytes:
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
    """
    return size < FENCE_BYTES_MAX and etag in fence_etags()
