"""Puts the wire into LocalStack's gateway, and takes profiles.

PUT     /_baler/wire    {"name": "aws", "seed": 7}, or a whole profile (see `profile`); begins to count anew
GET     the profile, what was done since, and how many events are on their way:
        {"profile": …, "requests": {"s3": 9}, "faults": {"s3": {"reset": 1}}, "on_the_way": 3}
DELETE  as it was without one
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from baler_delivery.later import ON_THE_WAY
from localstack.http import Response
from localstack.runtime import hooks

from baler_wire.current import in_force, put_in_force
from baler_wire.profile import NONE, Profile, profile_named, profile_of

if TYPE_CHECKING:
    from localstack.http import Request

PROFILE_VARIABLE = "BALER_WIRE"
"""A profile's name, or a TOML file, that is in force from the start."""


@hooks.on_infra_start()
def lay_wire() -> None:
    """Begin with the environment's profile, and take others."""
    from localstack.services.edge import ROUTER  # noqa: PLC0415 - it loads half of the gateway

    from baler_wire.response import lay  # noqa: PLC0415 - likewise

    lay()
    put_in_force(profile_named(os.environ.get(PROFILE_VARIABLE, NONE)))
    ROUTER.add("/_baler/wire", endpoint=_wire, methods=["GET", "PUT", "DELETE"])


def _wire(request: Request, **_: str) -> Response:
    try:
        if request.method == "PUT":
            put_in_force(profile_of(json.loads(request.get_data())))
        elif request.method == "DELETE":
            put_in_force(Profile())
    except ValueError as error:
        return Response(json.dumps({"message": str(error)}), 400)
    now = in_force()
    said = {"profile": now.profile.document(), **now.counts.document(), "on_the_way": len(ON_THE_WAY)}
    return Response(json.dumps(said), 200)
