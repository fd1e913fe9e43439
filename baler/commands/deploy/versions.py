"""The function's versions, and which of them the alias runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_lambda import LambdaClient

ALIAS: Final = "live"
_UNPUBLISHED: Final = "$LATEST"


@dataclass(frozen=True, slots=True)
class Alias:
    """What the alias runs: a version, and others for a share (0 to 1) of the batches while it is being shifted."""

    version: str
    shares: Mapping[str, float] = field(default_factory=dict[str, float])


class FunctionVersions:
    """The versions of a function. Its methods raise boto3's errors.

    Args:
        client: boto3's Lambda client.
        function: the function's name.
    """

    def __init__(self, client: LambdaClient, function: str) -> None:
        self._client = client
        self._function = function

    def alias(self) -> Alias:
        """Return what the alias runs now."""
        found = self._client.get_alias(FunctionName=self._function, Name=ALIAS)
        return Alias(found["FunctionVersion"], found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {}))

    def newest(self) -> str:
        """Return the version that was published last."""
        pages = self._client.get_paginator("list_versions_by_function").paginate(FunctionName=self._function)
        numbers = [found.get("Version", _UNPUBLISHED) for page in pages for found in page["Versions"]]
        return str(max(int(number) for number in numbers if number != _UNPUBLISHED))
