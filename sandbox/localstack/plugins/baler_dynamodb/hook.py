"""The route by which tests ask for failures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from localstack.http import Response
from localstack.runtime import hooks

from baler_dynamodb.faults import fault_of

if TYPE_CHECKING:
    from localstack.http import Request

_PATH = "/_baler/dynamodb/faults"


@hooks.on_infra_start()
def fail_on_request() -> None:
    """Take requests for failures."""
    from localstack.services.edge import ROUTER  # noqa: PLC0415 - it loads half of the gateway

    ROUTER.add(_PATH, endpoint=_faults, methods=["GET", "POST", "DELETE"])


def _faults(request: Request, **_: str) -> Response:
    from baler_dynamodb.service import FAULTS  # noqa: PLC0415 - it loads moto's DynamoDB

    if request.method == "DELETE":
        FAULTS.clear()
    elif request.method == "POST":
        try:
            FAULTS.add(fault_of(json.loads(request.get_data())))
        except ValueError as error:
            return Response(json.dumps({"message": str(error)}), 400)
    return Response(json.dumps({"transactions": FAULTS.left()}), 200)
