"""Whatever names a setting, to set it or to tell somebody to, names one that exists."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from components.pipelines import SETTINGS
from components.settings.model import qualified
from components.settings.shared import SharedSettings
from sandbox.engine.program import PROJECT_DIR

FOLDERS: Final = ("baler", "benchmarks", "components", "docs", "loadtest", "policy", "runtime", "sandbox")
FILES: Final = (
    "__main__.py",
    "Makefile",
    "Pulumi.yaml",
    *(path.name for pattern in ("Pulumi.*.yaml", "*.md") for path in PROJECT_DIR.glob(pattern)),
)
SUFFIXES: Final = {".html", ".json", ".md", ".py", ".sh", ".toml", ".txt", ".yaml", ".yml"}

# Types of components look alike, and go on: `baler:aggregator:Aggregator`.
NAMED: Final = re.compile(r"\bbaler:([a-z]\w*)\b(?!:\w)")


def texts(place: str) -> Iterator[tuple[Path, str]]:
    path = PROJECT_DIR / place
    for file in path.rglob("*") if path.is_dir() else [path]:
        if file.is_file() and (file == path or file.suffix in SUFFIXES):
            yield file, file.read_text(encoding="utf-8")


@pytest.mark.parametrize("place", [*FOLDERS, *FILES])
def test_a_setting_that_is_named_exists(place: str) -> None:
    keys = {
        qualified(str(field.alias))
        for model in (SharedSettings, *SETTINGS.values())
        for field in model.model_fields.values()
    }
    wrong = [
        f"{path.relative_to(PROJECT_DIR)}:{number}: {named[0]}"
        for path, text in texts(place)
        for number, line in enumerate(text.splitlines(), start=1)
        for named in NAMED.finditer(line)
        if named[0] not in keys
    ]
    assert wrong == []


def test_names_are_told_from_types_of_components() -> None:
    text = 'pulumi config set --path "baler:alarmSubscriptions[0]", baler:rollout: at-once, "baler:rollout:Rollout"'
    assert NAMED.findall(text) == ["alarmSubscriptions", "rollout"]
