"""Tags, in the shape that most services take."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_dynamodb.type_defs import TagTypeDef


def tag_list(tags: Mapping[str, str]) -> list[TagTypeDef]:
    """Return one structure a tag."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]
