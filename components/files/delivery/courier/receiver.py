"""Who gets the bundles, as far as what is deployed depends on it."""

from collections.abc import Mapping
from dataclasses import dataclass

from components.network.outlet import Destination


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """An HTTP endpoint or an S3-compatible store on the premises."""

    delivery: str
    """How bundles get there, as the courier's environment has it."""

    url: str
    """Whose name is in requests and in the receiver's certificate."""

    destination: Destination
    """What is dialled."""

    environment: Mapping[str, str]
    """What the courier has to know of this kind of receiver besides."""
