"""The table of the events in the Glue Data Catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from botocore.config import Config
from pyiceberg.catalog.glue import GlueCatalog
from typing_extensions import override

from baler.events.aws.s3_files import S3Files

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_s3 import S3Client
    from pyiceberg.io import FileIO

# A write gets one attempt, no more. An UpdateTable whose answer is lost and that botocore sends again meets its own
# first attempt: Glue then says that somebody else was faster, and pyiceberg, which believes that, deletes the manifests
# of a commit that took effect. After one attempt, that answer means what it says.
_WRITES: Final = Config(connect_timeout=2.0, read_timeout=20.0, retries={"total_max_attempts": 1})
_READS: Final = Config(connect_timeout=2.0, read_timeout=5.0, retries={"mode": "standard", "total_max_attempts": 4})
# Reads, and writes of new names: harmless to repeat.
_S3: Final = Config(
    connect_timeout=2.0,
    read_timeout=10.0,
    max_pool_connections=16,
    retries={"mode": "standard", "total_max_attempts": 4},
)


class GlueOfWriter:
    """Glue's client for somebody who writes: what only reads is tried again, what writes is sent once.

    Attributes:
        reads: sends calls of names that begin with `get_`.
        writes: sends all others.
    """

    def __init__(self, reads: Any, writes: Any) -> None:
        self.reads = reads
        self.writes = writes

    def __getattr__(self, name: str) -> Any:
        """Return the client's."""
        return getattr(self.reads if name.startswith("get_") else self.writes, name)

    def close(self) -> None:
        """Close all connections; the next call opens a new one."""
        self.reads.close()
        self.writes.close()


class EventCatalogue(GlueCatalog):
    """A catalogue with its files in S3.

    Args:
        glue: a client that sends each call once, unless it only reads.
        s3: a client.
    """

    def __init__(self, glue: Any, s3: S3Client) -> None:
        super().__init__("glue", client=glue)
        self._clients = (glue, s3)
        self._files = S3Files(s3)

    @override
    def close(self) -> None:
        """Close all connections; the next call opens a new one."""
        for client in self._clients:
            client.close()

    @override
    def _load_file_io(self, properties: Any = None, location: str | None = None) -> FileIO:
        return self._files


def catalogue_of(session: boto3.Session) -> EventCatalogue:
    """Return the catalogue of a session, for somebody who writes to it."""
    # boto3's types know only the services that the stubs were installed for.
    untyped: Any = session
    glue = GlueOfWriter(untyped.client("glue", config=_READS), untyped.client("glue", config=_WRITES))
    return EventCatalogue(glue, session.client("s3", config=_S3))
