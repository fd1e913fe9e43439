"""What a handler imports is found in the syntax of its sources."""

from pathlib import Path

import pytest

from components.blocks.function_sources import MissingModuleError, imported_modules

HANDLER = "runtime.one.handler.handle"


def project(tmp_path: Path, **sources: str) -> Path:
    """Write modules below `runtime/`, named with two underscores for a slash."""
    packages = {"": "", "one": "", "two": ""}
    for name, text in {**{f"{package}__init" if package else "init": "" for package in packages}, **sources}.items():
        *folders, module = name.split("__")
        file = "__init__" if module == "init" else module
        path = (tmp_path / "runtime").joinpath(*folders, f"{file}.py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def found(tmp_path: Path, handler_source: str, **sources: str) -> set[str]:
    root = project(tmp_path, one__handler=handler_source, **sources)
    names = {path.relative_to(root / "runtime").as_posix() for path in imported_modules(HANDLER, root)}
    return names - {"__init__.py", "one/__init__.py", "one/handler.py"}


@pytest.mark.parametrize(
    "statement",
    [
        "import runtime.two.thing",
        "import runtime.two.thing as renamed",
        "from runtime.two import thing",
        "from runtime.two.thing import value",
        "from ..two import thing",
        "from ..two.thing import value",
        "def later():\n    from runtime.two import thing",
        "try:\n    import runtime.two.thing\nexcept ImportError:\n    pass",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    pass\nelse:\n    import runtime.two.thing",
    ],
)
def test_every_way_to_write_an_import_counts(tmp_path: Path, statement: str) -> None:
    assert found(tmp_path, statement, two__thing="value = 1", two__unused="") == {"two/__init__.py", "two/thing.py"}


def test_what_an_import_imports_counts_also_in_a_circle(tmp_path: Path) -> None:
    sources = {"two__thing": "from . import other", "two__other": "import runtime.two.thing, runtime.deep"}
    assert found(tmp_path, "from runtime.two import thing", deep="", **sources) == {
        "deep.py",
        "two/__init__.py",
        "two/other.py",
        "two/thing.py",
    }


@pytest.mark.parametrize("guard", ["TYPE_CHECKING", "typing.TYPE_CHECKING"])
def test_what_only_types_need_does_not_count(tmp_path: Path, guard: str) -> None:
    source = f"import typing\nfrom typing import TYPE_CHECKING\nif {guard}:\n    from runtime.two import thing\n"
    assert found(tmp_path, source, two__thing="") == set()


def test_what_others_made_does_not_count(tmp_path: Path) -> None:
    assert found(tmp_path, "import json\nimport boto3\nfrom runtimes import thing") == set()


def test_a_name_that_a_package_defines_is_no_module(tmp_path: Path) -> None:
    assert found(tmp_path, "from runtime.two import value", two__init="value = 1") == {"two/__init__.py"}


def test_a_module_without_a_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingModuleError, match=r"needs the module runtime\.gone"):
        found(tmp_path, "import runtime.gone")
