"""What lies in the archive under the key of a bundle that must never get there.

The protocol needs the fence under the bundle's own key. There an auditor finds it too, who synchronizes the archive to
a disk and unpacks what is called `.tar.gz`: so it is one, and its only member says what it is. Programs know a fence by
its metadata.
"""

from __future__ import annotations

import gzip
import io
import tarfile
from functools import cache
from typing import Final

# Never a Content-Encoding: clients would unpack the bundle and the hash would be of something else.
CONTENT_TYPE: Final = "application/gzip"
# User metadata of a fence, by which a reader of the archive knows that there is no bundle.
META_FENCE: Final = "fence"
# A fence has fewer bytes. A reader that lists the archive needs the metadata of no larger object.
FENCE_BYTES_MAX: Final = 1024

MEMBER: Final = "NOT-A-BUNDLE.txt"
_TEXT: Final = b"""\
This is no bundle of files, and none is missing here.

The attempt that was to archive a bundle under this name ended, or seemed to
have ended, before it did. This object was put in its place to keep the name
from being used after all, however late. The files of that attempt are in
another bundle, archived under another name.
"""


@cache
def body_of_fence() -> bytes:
    """Return the bytes of a fence, a tar.gz; the same for all."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        member = tarfile.TarInfo(MEMBER)
        member.size = len(_TEXT)
        tar.addfile(member, io.BytesIO(_TEXT))
    return gzip.compress(archive.getvalue(), mtime=0)
