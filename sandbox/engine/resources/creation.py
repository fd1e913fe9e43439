"""What a creator is: it takes its inputs, and returns what creates the resource from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from sandbox.engine.endpoint import Endpoint
from sandbox.engine.inputs import Inputs


@dataclass(frozen=True)
class Created:
    """A resource that exists.

    Attributes:
        id: The physical id, as Pulumi's AWS provider forms it.
        outputs: Properties under Pulumi's names, beside the inputs, which are outputs too.
    """

    id: str
    outputs: dict[str, Any]


Creation: TypeAlias = Callable[[Endpoint], Created]
Creator: TypeAlias = Callable[[str, Inputs], Creation]
"""From the logical name and the inputs; has no client yet, so that nothing exists before every input is known."""
