"""Which of our own modules a handler imports, itself or through others: what its zip holds of `runtime/` and `baler/`.

A zip of all of them would change with every edit there, and a function that is not rolled out gradually would be
updated by an edit in another one.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_OURS: Final = frozenset({"runtime", "baler"})
"""The packages that functions are made of. Everything else that they import comes from the lock or from AWS."""


class MissingModuleError(Exception):
    """A handler, or a module that one imports, is not among the sources."""


def imported_modules(handler: str, project: Path) -> list[Path]:
    """Return the files of the handler's module and of all modules of ours that it needs, in order, `__init__` included.

    Imports are read from the syntax, so only those that are written as statements count, at any depth; what stands
    below `if TYPE_CHECKING:` is not imported when the function runs.

    Args:
        handler: as Lambda has it: `runtime.files.aggregator.handler.handle`.
        project: the folder of `runtime/` and `baler/`.

    Raises:
        MissingModuleError: one of the modules has no file.
    """
    found: dict[str, Path] = {}
    waiting = [handler.rpartition(".")[0]]
    while waiting:
        module = waiting.pop()
        # Importing a module runs its packages first.
        for name in _with_parents(module):
            if name in found:
                continue
            path = _file_of(name, project)
            if path is None:
                raise MissingModuleError(f"{handler} needs the module {name}, and there is no file of it in {project}")
            found[name] = path
            waiting += _imports(name, path, project)
    return sorted(found.values())


def _with_parents(module: str) -> Iterator[str]:
    parts = module.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts) + 1))


def _file_of(module: str, project: Path) -> Path | None:
    path = project.joinpath(*module.split("."))
    for candidate in (path / "__init__.py", path.with_suffix(".py")):
        if candidate.is_file():
            return candidate
    return None


def _imports(module: str, path: Path, project: Path) -> Iterator[str]:
    """Yield the modules of ours that a file imports when it runs."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for statement in _statements(ast.parse(path.read_bytes(), str(path))):
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names if _is_ours(alias.name))
        elif isinstance(statement, ast.ImportFrom) and _is_ours(source := _absolute(statement, package)):
            yield source
            # `from package import name` imports a module where the name is one, else takes what the package defines.
            members = (f"{source}.{alias.name}" for alias in statement.names)
            yield from (member for member in members if _file_of(member, project))


def _is_ours(module: str) -> bool:
    return module.split(".", maxsplit=1)[0] in _OURS


def _absolute(statement: ast.ImportFrom, package: str) -> str:
    parents = package.split(".")[: -(statement.level - 1) or None] if statement.level else []
    return ".".join([*parents, *([statement.module] if statement.module else [])])


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield every node that runs: all but the bodies of `if TYPE_CHECKING:`."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and _is_for_types(child.test):
            for statement in child.orelse:
                yield from _statements(statement)
        else:
            yield from _statements(child)


def _is_for_types(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else test.id if isinstance(test, ast.Name) else ""
    return name == "TYPE_CHECKING"
