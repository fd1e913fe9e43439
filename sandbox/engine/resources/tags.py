"""Tags, in the shape that most services take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_dynamodb.type_defs import TagTypeDef


def tag_list(tags: Mapping[str, str]) -> list[TagTypeDef]:
    """Return one structure a tag."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tag_specifications(resource_type: str, tags: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the tags of a resource that is being created, as EC2 takes them; it takes no empty ones."""
    return [{"ResourceType": resource_type, "Tags": tag_list(tags)}] if tags else []
