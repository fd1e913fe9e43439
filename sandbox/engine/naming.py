"""Physical names, as Pulumi makes them up."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from sandbox.engine.errors import UnsupportedResourceError

if TYPE_CHECKING:
    from sandbox.engine.inputs import Inputs

_RANDOM_DIGITS: Final = 7


def physical_name(logical: str, inputs: Inputs, *, longest: int, named_by: str = "name") -> str:
    """Return the name that the program gives, or else the logical one with a random suffix.

    Args:
        logical: The resource's logical name.
        inputs: The resource's inputs, from which `named_by` is taken.
        longest: The service's limit in characters.
        named_by: The input that sets the name.

    Raises:
        UnsupportedResourceError: The name with its suffix is too long; Pulumi does not shorten it either.
    """
    given = inputs.take(named_by)
    if given is not None:
        return str(given)
    name = f"{logical}-{secrets.token_hex(4)[:_RANDOM_DIGITS]}"
    if len(name) > longest:
        raise UnsupportedResourceError(
            f"The name {logical!r} and its random suffix are longer than the {longest} characters that the "
            f"service allows: shorten the logical name, or set {named_by}."
        )
    return name
