"""Has moto's Glue refuse an update of a table that somebody else updated meanwhile, as AWS does.

moto ignores `VersionId`, so that of two commits to an Iceberg table that begin from one state both would succeed, and
the second would undo the first.
https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateTable.html
"""

from __future__ import annotations

import threading
from typing import Any, Final

from moto.core.exceptions import JsonRESTError
from moto.glue.responses import GlueResponse

_LOCK: Final = threading.Lock()
_PLAIN: Final = GlueResponse.update_table


class ConcurrentModificationError(JsonRESTError):
    """The table is not of the version that the caller read."""

    code = 400

    def __init__(self) -> None:
        super().__init__("ConcurrentModificationException", "Update table failed due to concurrent modifications.")


def check_versions() -> None:
    """Put the check in place; once is as good as twice."""
    GlueResponse.update_table = _update_table


def _update_table(response: Any) -> Any:
    wanted = response.parameters.get("VersionId")
    with _LOCK:
        if wanted is not None:
            name = response.parameters["TableInput"]["Name"]
            table = response.glue_backend.get_table(response.parameters["DatabaseName"], name)
            if table.as_dict()["VersionId"] != wanted:
                raise ConcurrentModificationError
        return _PLAIN(response)
