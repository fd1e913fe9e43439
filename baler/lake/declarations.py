"""Reads declarations of sources from TOML."""

from __future__ import annotations

import tomllib
from enum import StrEnum
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from baler.lake.path import Path
from baler.lake.sources import (
    DeclarationError,
    Field,
    FieldKind,
    Kept,
    PageKind,
    Pages,
    SecretHeader,
    Source,
    check_source,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_Choice = TypeVar("_Choice", bound=StrEnum)

SOURCES_MAX: Final = 50
"""Sources of one file: each has a thread of its own in a run."""

FIELD_NAMES_MAX: Final = 500
"""Names of fields in one file, each counted once: one read asks for all of them, and DynamoDB takes 4 KB of names."""

# Editors on Windows put it in front of a text; TOML 1.0 knows nothing of it.
_MARK: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
_SOURCE_KEYS: Final = frozenset(
    {"name", "type", "url", "records", "id", "fields", "document", "pages", "conditional", "headers", "paused"}
)
_PAGES_KEYS: Final = frozenset({"kind", "parameter", "next", "first", "most"})
_FIELD_KEYS: Final = frozenset({"path", "kind"})


def shipped_declarations() -> str:
    """Return the text of the file that a stack has without one of its own."""
    return (resources.files("baler.lake") / "sources.toml").read_text(encoding="utf-8")


def read_declarations(text: str, open_origins: frozenset[str] = frozenset()) -> tuple[Source, ...]:
    """Read the file.

    Args:
        text: TOML; each source is a table `[[source]]`.
        open_origins: see `check_source`.

    Raises:
        DeclarationError: it is wrong; the message names the source and the key.
    """
    try:
        document = tomllib.loads(text.removeprefix(_MARK))
    except tomllib.TOMLDecodeError as error:
        raise DeclarationError(f"the file is not TOML: {error}") from error
    except RecursionError as error:
        raise DeclarationError("the file is nested too deeply") from error
    _check_keys(document, frozenset({"source"}), "the file")
    tables = document.get("source", [])
    if not isinstance(tables, list) or not tables:
        raise DeclarationError("the file declares no source: begin one with [[source]]")
    sources = tuple(_source(cast("dict[str, Any]", table)) for table in cast("list[object]", tables))
    if len(sources) > SOURCES_MAX:
        raise DeclarationError(f"the file declares more than {SOURCES_MAX} sources")
    if len({field.name for source in sources for field in source.fields}) > FIELD_NAMES_MAX:
        raise DeclarationError(f"the file declares fields of more than {FIELD_NAMES_MAX} names")
    for source in sources:
        check_source(source, open_origins)
    names = [source.name for source in sources]
    for name in names:
        if names.count(name) > 1:
            raise DeclarationError(f"source {name!r} is declared twice")
    return sources


def _source(table: object) -> Source:
    if not isinstance(table, dict):
        raise DeclarationError("a source is a table: begin it with [[source]]")
    fields = cast("dict[str, Any]", table)
    where = f"source {str(fields.get('name', '?'))[:64]!r}"
    _check_keys(fields, _SOURCE_KEYS, where)
    for key in ("name", "type", "url", "id"):
        if key not in fields:
            raise DeclarationError(f"{where}: {key} is missing")
    return Source(
        name=_text(fields, "name", where),
        type=_text(fields, "type", where),
        url=_text(fields, "url", where),
        records=_path(fields.get("records", ""), f"{where}: records"),
        id=_path(fields["id"], f"{where}: id"),
        fields=tuple(
            _field(name, value, where) for name, value in _table(fields.get("fields", {}), f"{where}: fields").items()
        ),
        document=_choice(Kept, fields.get("document", Kept.FIELDS.value), f"{where}: document"),
        pages=_pages(_table(fields.get("pages", {}), f"{where}: pages"), where),
        conditional=_boolean(fields.get("conditional", False), f"{where}: conditional"),
        headers=tuple(
            SecretHeader(name, _text(cast("dict[str, Any]", fields["headers"]), name, f"{where}: headers"))
            for name in _table(fields.get("headers", {}), f"{where}: headers")
        ),
        paused=_boolean(fields.get("paused", False), f"{where}: paused"),
    )


def _field(name: str, value: object, where: str) -> Field:
    at = f"{where}: fields: {name[:64]}"
    if not isinstance(value, dict):
        return Field(name, _path(value, at))
    table = cast("dict[str, Any]", value)
    _check_keys(table, _FIELD_KEYS, at)
    return Field(
        name, _path(table.get("path", name), at), _choice(FieldKind, table.get("kind", FieldKind.TEXT.value), at)
    )


def _pages(table: dict[str, Any], where: str) -> Pages:
    at = f"{where}: pages"
    _check_keys(table, _PAGES_KEYS, at)
    default = Pages()
    return Pages(
        kind=_choice(PageKind, table.get("kind", PageKind.NONE.value), f"{at}: kind"),
        parameter=_text(table, "parameter", at) if "parameter" in table else "",
        next=_path(table["next"], f"{at}: next") if "next" in table else None,
        first=_integer(table.get("first", default.first), f"{at}: first"),
        most=_integer(table.get("most", default.most), f"{at}: most"),
    )


def _path(value: object, where: str) -> Path:
    """Read "a.b" or, for keys that hold a dot, ["a.b", "c"]."""
    if isinstance(value, str):
        keys = tuple(value.split(".")) if value else ()
    elif isinstance(value, list) and all(isinstance(key, str) for key in cast("list[object]", value)):
        keys = tuple(cast("list[str]", value))
    else:
        raise DeclarationError(f'{where} must be a path: "a.b" or ["a", "b"]')
    if not all(keys):
        raise DeclarationError(f"{where} has an empty part")
    return Path(keys)


def _check_keys(table: Mapping[str, object], known: frozenset[str], where: str) -> None:
    for key in table:
        if key not in known:
            raise DeclarationError(f"{where}: {key[:64]!r} is unknown; known are {', '.join(sorted(known))}")


def _table(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DeclarationError(f"{where} must be a table")
    return cast("dict[str, Any]", value)


def _text(table: Mapping[str, object], key: str, where: str) -> str:
    value = table[key]
    if not isinstance(value, str):
        raise DeclarationError(f"{where}: {key[:64]} must be a text")
    return value


def _integer(value: object, where: str) -> int:
    if type(value) is not int:
        raise DeclarationError(f"{where} must be a whole number")
    return value


def _boolean(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise DeclarationError(f"{where} must be true or false")
    return value


def _choice(choices: type[_Choice], value: object, where: str) -> _Choice:
    if value not in [choice.value for choice in choices]:
        raise DeclarationError(f"{where} must be one of {', '.join(choices)}")
    return choices(cast("str", value))
