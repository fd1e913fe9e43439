"""Checks the settings that Pulumi.yaml declares for the Pulumi CLI against the models, or writes them."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin

import yaml
from pydantic.fields import FieldInfo

from components.pipelines import SETTINGS
from components.settings.model import description, is_list, qualified
from components.settings.shared import SharedSettings

PROJECT_FILE: Final = Path(__file__).parents[1] / "Pulumi.yaml"
STALE: Final = "Pulumi.yaml does not declare what the settings' models say: make docs"

_CONFIG: Final = "config:\n"
_TYPES: Final[dict[type, str]] = {bool: "boolean", int: "integer", str: "string"}


def render(text: str) -> str:
    """Return the text of a project file with the settings in its block `config`, which is its last."""
    before, config, _ = text.partition(_CONFIG)
    return before + config + "".join(f"{line}\n" for line in _declarations())


def _declarations() -> Iterator[str]:
    for model in (SharedSettings, *SETTINGS.values()):
        for field in model.model_fields.values():
            yield f"  {qualified(str(field.alias))}:"
            yield from (f"    {line}" for line in _declaration(field))


def _declaration(field: FieldInfo) -> Iterator[str]:
    if is_list(field):
        yield from ("type: array", "items:", "  type: string")
    else:
        yield f"type: {_type(field.annotation)}"
    yield f"description: {_scalar(description(field))}"
    empty: Any = [] if is_list(field) else ""
    yield f"default: {json.dumps(empty if field.is_required() else field.default)}"


def _type(annotation: Any) -> str:
    values = get_args(annotation) if get_origin(annotation) is Literal else ()
    return _TYPES[type(values[0]) if values else annotation]


def _scalar(text: str) -> str:
    """Return the text as YAML, in quotes where it would otherwise be something else."""
    try:
        plain = yaml.safe_load(f"key: {text}") == {"key": text}
    except yaml.YAMLError:
        plain = False
    return text if plain else json.dumps(text, ensure_ascii=False)


def main() -> None:
    """Run the command line; ends with 1 where the file is not what the models say."""
    parser = argparse.ArgumentParser(prog="python -m components.project_file", description=__doc__)
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--check", action="store_true", help="fail where the file is not what --write would write")
    choice.add_argument("--write", action="store_true", help="write the file")
    text = PROJECT_FILE.read_text(encoding="utf-8")
    if parser.parse_args().write:
        PROJECT_FILE.write_text(render(text), encoding="utf-8")
    elif text != render(text):
        sys.exit(STALE)


if __name__ == "__main__":
    main()
