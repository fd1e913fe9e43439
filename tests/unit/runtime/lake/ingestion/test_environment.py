from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from baler.environment_variables import InvalidEnvironment
from baler.lake.declarations import shipped_declarations
from runtime.lake.ingestion.environment import Environment

if TYPE_CHECKING:
    from pathlib import Path

WITH_HEADERS = """
[[source]]
name = "keyed"
type = "things"
url = "https://api.example/"
id = "id"
document = "whole"
headers = { Token = "token" }
"""


def variables(folder: Path, text: str = "", changes: dict[str, str | None] | None = None) -> dict[str, str]:
    path = folder / "sources.toml"
    path.write_text(text or shipped_declarations(), encoding="utf-8")
    given: dict[str, Any] = {
        "STACK": "dev",
        "RAW_BUCKET": "raw",
        "SOURCES_TABLE": "sources",
        "SOURCES_FILE": str(path),
        "STALE_SECONDS": "300",
        **(changes or {}),
    }
    return {name: value for name, value in given.items() if value is not None}


def test_the_environment_names_the_sources(tmp_path: Path) -> None:
    found = Environment.read(variables(tmp_path, changes={"OPEN_ORIGINS": "http://127.0.0.1:1 http://127.0.0.1:2"}))
    assert [source.name for source in found.sources] == ["jsonplaceholder", "randomuser"]
    assert (found.open_origins, found.stale_seconds) == ({"http://127.0.0.1:1", "http://127.0.0.1:2"}, 300)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STACK", None),
        ("RAW_BUCKET", ""),
        ("SOURCES_TABLE", None),
        ("SOURCES_FILE", None),
        ("SOURCES_FILE", "/nowhere/sources.toml"),
        ("STALE_SECONDS", "0"),
        ("STALE_SECONDS", "5m"),
        ("SOURCE_SECRETS", "{"),
        ("SOURCE_SECRETS", "[]"),
        ("SOURCE_SECRETS", '{"a": 1}'),
    ],
)
def test_a_wrong_variable_is_refused_by_its_name(tmp_path: Path, name: str, value: str | None) -> None:
    with pytest.raises(InvalidEnvironment, match=name):
        Environment.read(variables(tmp_path, changes={name: value}))


def test_a_wrong_declaration_is_refused_with_its_words(tmp_path: Path) -> None:
    with pytest.raises(InvalidEnvironment, match=r"SOURCES_FILE.*type is missing"):
        Environment.read(variables(tmp_path, "[[source]]\nname = 'x'"))


def test_a_source_with_headers_needs_its_secret(tmp_path: Path) -> None:
    with pytest.raises(InvalidEnvironment, match="no secret for keyed"):
        Environment.read(variables(tmp_path, WITH_HEADERS))
    found = Environment.read(variables(tmp_path, WITH_HEADERS, {"SOURCE_SECRETS": '{"keyed": "arn"}'}))
    assert found.secrets == {"keyed": "arn"}
