"""How much of the processor LocalStack has taken, for those who ask whether it is the limit.

GET /_baler/processor answers `{"seconds": 12.34}`: user and system time of this process with all of its threads since
it began, without functions, which are processes of their own. Python runs one thread at a time, so one whose seconds
grow as fast as the clock takes no more.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from localstack.http import Response
from localstack.runtime import hooks

if TYPE_CHECKING:
    from localstack.http import Request


@hooks.on_infra_start()
def tell_processor_time() -> None:
    """Answer."""
    from localstack.services.edge import ROUTER  # noqa: PLC0415 - it loads half of the gateway

    ROUTER.add("/_baler/processor", endpoint=_answer, methods=["GET"])


def _answer(_request: Request, **_: str) -> Response:
    return Response(json.dumps({"seconds": time.process_time()}), mimetype="application/json")
