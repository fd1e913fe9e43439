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

# One attempt, no more. An UpdateTable whose answer is lost and that botocore sends again meets its own first attempt:
# Glue then says that somebody else was faster, and pyiceberg, which believes that, deletes the manifests of a commit
# that took effect. After one attempt, that answer means what it says.
_GLUE: Final = Config(connect_timeout=2.0, read_timeout=20.0, retries={"total_max_attempts": 1})
# Reads, and writes of new names: harmless to repeat.
_S3: Final = Config(
    connect_timeout=2.0,
    read_timeout=20.0,
    max_pool_connections=16,
    retries={"mode": "standard", "total_max_attempts": 3},
)


class EventCatalogue(GlueCatalog):
    """A catalogue with its files in S3.

    Args:
        glue: a client that sends each call once, unless it only reads.
        s3: a client.
    """

    def __init__(self, glue: Any, s3: S3Client) -> None:
        super().__init__("glue", client=glue)
        self._files = S3Files(s3)

    @override
    def _load_file_io(self, properties: Any = None, location: str | None = None) -> FileIO:
        return self._files


def catalogue_of(session: boto3.Session) -> EventCatalogue:
    """Return the catalogue of a session, for somebody who writes to it."""
    # boto3's types know only the services that the stubs were installed for.
    untyped: Any = session
    return EventCatalogue(untyped.client("glue", config=_GLUE), session.client("s3", config=_S3))
