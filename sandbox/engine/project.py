"""`Pulumi.yaml`: what the project declares about its configuration, checked by the rules of the Pulumi CLI.

The rules are those of `sdk/go/common/workspace/project.go` of pulumi/pulumi: nobody needs the CLI to work on
Baler, so a declaration that it would refuse must be refused here too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import yaml

from sandbox.engine.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Declaration:
    """One entry of the project's `config` block.

    Attributes:
        key: Qualified key, `namespace:name`.
        type: `string`, `integer`, `boolean`, `array` or `object`; None where the entry declares none.
        items: The declared type of an array's items, itself a mapping of `type` and `items`.
        default: What a stack gets that does not set the key; None where there is none.
    """

    key: str
    type: str | None
    items: Mapping[str, Any] | None
    default: Any


@dataclass(frozen=True)
class Project:
    """The name of the project, which is the namespace of its own keys, and its declarations."""

    name: str
    declarations: tuple[Declaration, ...]

    def qualified(self, key: str) -> str:
        """Return the key with its namespace, which is the project's own where it names none."""
        return key if ":" in key else f"{self.name}:{key}"


def read_project(project_dir: Path) -> Project:
    """Read and check `Pulumi.yaml`.

    Raises:
        ConfigurationError: There is no such file, or the CLI would refuse it.
    """
    document = read_yaml(project_dir / "Pulumi.yaml")
    name = document.get("name")
    if not isinstance(name, str):
        raise ConfigurationError("Pulumi.yaml has no 'name': add the project's name.")
    entries = cast("Mapping[str, Any]", document.get("config") or {})
    return Project(name, tuple(_declaration(name, key, entry) for key, entry in entries.items()))


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file whose top is a mapping.

    Raises:
        ConfigurationError: The file is missing or is no such YAML.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"There is no {path.name} in {path.parent}. If `pulumi stack rm` deleted it: git checkout {path.name}"
        ) from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path.name} is not valid YAML: {error}") from error
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise ConfigurationError(f"{path.name} must be a mapping at its top.")
    return cast("dict[str, Any]", document)


def conforms(value: Any, type_name: str, items: Mapping[str, Any] | None) -> bool:
    """Tell whether the CLI takes the value for that type; it also takes a string that reads as one."""
    match type_name:
        case "string":
            return isinstance(value, str)
        case "integer":
            return _is_integer(value)
        case "boolean":
            return isinstance(value, bool) or value in ("true", "false")
        case "object":
            return isinstance(value, Mapping)
        case _:
            return (
                isinstance(value, list)
                and items is not None
                and all(conforms(item, items["type"], items.get("items")) for item in cast("list[Any]", value))
            )


def _is_integer(value: Any) -> bool:
    if isinstance(value, str):
        return value.removeprefix("-").isdecimal()
    return isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)


def _declaration(project: str, key: str, entry: Any) -> Declaration:
    # `key: value` is short for `key: {value: value}`.
    fields = cast("Mapping[str, Any]", entry if isinstance(entry, dict) else {"value": entry})
    default, value = fields.get("default"), fields.get("value")
    if default is not None and value is not None:
        raise _refusal(key, "has both a 'default' and a 'value': keep one")
    if fields.get("secret"):
        raise _refusal(key, "is 'secret', and encrypted values can be read by the Pulumi CLI alone")
    own = ":" not in key or key.startswith(f"{project}:")
    if not own and ("type" in fields or default is not None or value is None):
        raise _refusal(key, "is of another namespace: it takes a 'value', no 'type' and no 'default'")
    type_name, items = fields.get("type"), fields.get("items")
    if type_name == "array" and items is None:
        raise _refusal(key, "is an array: say of what in 'items'")
    if type_name is not None and default is not None and not conforms(default, type_name, items):
        raise _refusal(key, f"has the default {default!r}, which is no {type_name}")
    qualified = key if ":" in key else f"{project}:{key}"
    return Declaration(qualified, type_name, items, default if value is None else value)


def _refusal(key: str, why: str) -> ConfigurationError:
    return ConfigurationError(f"Pulumi.yaml: the configuration key {key} {why}.")
