"""Builds a function's zip: the locked dependencies and what its handler imports, for its processor and Python.

A zip a function: an edit in one leaves the others' hashes as they are, so that it is rolled out alone. The program
builds them itself, so that `pulumi up` can never ship stale code. What is below `build/` is named after a hash of all
that went into it: nothing is built twice, and two programs that run beside each other write the same.
"""

import base64
import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

import pulumi

from components.blocks.function_sources import MissingModuleError, imported_modules

Architecture = Literal["arm64", "x86_64"]
PythonVersion = Literal["3.11", "3.12", "3.13"]
Lock = Literal["function", "compactor"]
"""The locks of functions: what all of them are given, and what the compactor is, which writes tables."""

PROJECT: Final = Path(__file__).resolve().parents[2]

_MACHINE: Final[dict[Architecture, str]] = {"arm64": "aarch64", "x86_64": "x86_64"}
# Python 3.11 runs on Amazon Linux 2, later ones on Amazon Linux 2023: the minor versions of their glibc 2.
_GLIBC_MINOR: Final[dict[PythonVersion, int]] = {"3.11": 26, "3.12": 34, "3.13": 34}
_OLDEST_GLIBC_MINOR: Final = 17
# pip's own notes: where and how it installed, and hashes of files that are left out here.
_NOTES: Final = {"INSTALLER", "RECORD", "REQUESTED", "direct_url.json"}
_EARLIEST_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)
# Of a zip that is uploaded directly, and of all in it (AWS Lambda quotas).
_MOST_ZIPPED_BYTES: Final = 50 * 2**20
_MOST_UNPACKED_BYTES: Final = 250 * 2**20
_REGULAR_FILE: Final = 0o100644
_UNIX: Final = 3


@dataclass(frozen=True, kw_only=True)
class Target:
    """What the package must run on."""

    architecture: Architecture
    python: PythonVersion

    def platforms(self) -> list[str]:
        """Return the tags of the wheels that run there, newest glibc first."""
        machine = _MACHINE[self.architecture]
        minors = range(_GLIBC_MINOR[self.python], _OLDEST_GLIBC_MINOR - 1, -1)
        return [*(f"manylinux_2_{minor}_{machine}" for minor in minors), f"manylinux2014_{machine}"]


@dataclass(frozen=True)
class FunctionPackage:
    """A zip that is ready to be deployed."""

    path: Path
    source_code_hash: str
    """SHA-256 of the zip in base64, as Lambda gives it."""


class FunctionPackageError(pulumi.RunError):
    """The package could not be built. Pulumi prints the message without a traceback."""


def build_function_package(
    target: Target,
    *,
    handler: str,
    lock: Lock = "function",
    files: Mapping[str, str] = MappingProxyType({}),
    project: Path = PROJECT,
) -> FunctionPackage:
    """Return the package of a function for a target; build what of it is not there yet.

    The same sources give the same bytes: members are sorted and carry neither times nor modes of this machine.

    Args:
        target: What the package must run on.
        handler: What Lambda calls: `runtime.<pipeline>.<function>.handler.handle`.
        lock: What the function is given beside its own modules: `requirements/<lock>.lock`, without the members that
            patterns in `requirements/<lock>.omit` name.
        files: Texts that the function reads, by their names beside its modules, such as what a stack declares.
        project: The folder with `requirements/`, `runtime/` and `baler/`; `build/` is made there.

    Raises:
        FunctionPackageError: pip could not install the dependencies, a module of the function is missing, or Lambda
            would not take the package.
    """
    own = [*_sources(handler, project), *((name, text.encode()) for name, text in files.items())]
    dependencies = _dependencies(target, project / "requirements" / f"{lock}.lock", project)
    omitted = _omitted(project / "requirements" / f"{lock}.omit")
    # The name of the dependencies' folder is a hash too; this file's own bytes stand for the way of packing.
    fingerprint = hashlib.sha256(f"{dependencies.name} {omitted}".encode() + Path(__file__).read_bytes())
    for member, content in own:
        fingerprint.update(f"\n{member} {len(content)}\n".encode() + content)
    # runtime.<pipeline>.<function>.handler.handle
    function = "-".join(handler.split(".")[1:3])
    package = project / "build" / "packages" / f"{function}-{fingerprint.hexdigest()[:32]}.zip"
    if not package.exists():
        _write_zip(package, [*_installed(dependencies, omitted), *own])
    _check_size(package)
    digest = hashlib.sha256(package.read_bytes()).digest()
    return FunctionPackage(package, base64.b64encode(digest).decode())


def _dependencies(target: Target, lock: Path, project: Path) -> Path:
    key = hashlib.sha256("\n".join([target.python, *target.platforms()]).encode() + lock.read_bytes())
    installed = project / "build" / "dependencies" / key.hexdigest()[:32]
    if installed.exists():
        return installed
    installed.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=installed.parent, prefix=".new-") as new:
        fresh = Path(new) / "site-packages"
        install_dependencies(target, lock, fresh)
        try:
            fresh.rename(installed)
        except OSError:
            # Another program may have put the same there meanwhile, and its files are as good.
            if not installed.is_dir():
                raise
    return installed


def install_dependencies(target: Target, lock: Path, into: Path) -> None:
    """Install what the lock names into a folder, as wheels for the target.

    Raises:
        FunctionPackageError: pip could not do it.
    """
    platforms = [option for platform in target.platforms() for option in ("--platform", platform)]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    command += ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--implementation", "cp"]
    command += ["--python-version", target.python, *platforms, "--target", str(into), "--requirement", str(lock)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - no shell, our own words
    if result.returncode != 0:
        raise FunctionPackageError(
            f"The function's dependencies for Python {target.python} on {target.architecture} could not be installed "
            f"({_last_error(result.stderr)}): check the connection to the package index and requirements/{lock.name}, "
            "then run it again."
        )


def _last_error(stderr: str) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()] or ["pip said nothing"]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or lines)[-1].rstrip(".")


def _sources(handler: str, project: Path) -> list[tuple[str, bytes]]:
    try:
        modules = imported_modules(handler, project)
        return [(path.relative_to(project).as_posix(), path.read_bytes()) for path in modules]
    except MissingModuleError as error:
        raise FunctionPackageError(f"The function's package could not be built: {error}.") from error


def _omitted(list_of_patterns: Path) -> tuple[str, ...]:
    """Return the patterns of members that a package does without; most packages have no list of them."""
    if not list_of_patterns.exists():
        return ()
    lines = (line.strip() for line in list_of_patterns.read_text().splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def _installed(dependencies: Path, omitted: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    for path in dependencies.rglob("*"):
        member = path.relative_to(dependencies)
        in_bin = member.parts[0] == "bin"
        if path.is_file() and path.name not in _NOTES and "__pycache__" not in member.parts and not in_bin:
            name = member.as_posix()
            if not any(fnmatchcase(name, pattern) for pattern in omitted):
                yield name, path


def _check_size(package: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
    zipped = package.stat().st_size
    if zipped > _MOST_ZIPPED_BYTES or unpacked > _MOST_UNPACKED_BYTES:
        raise FunctionPackageError(
            f"{package.name} has {zipped / 2**20:.0f} MiB, unpacked {unpacked / 2**20:.0f} MiB, and Lambda takes "
            f"{_MOST_ZIPPED_BYTES / 2**20:.0f} and {_MOST_UNPACKED_BYTES / 2**20:.0f}: take something out of its lock, "
            "or name what it does without in a list of the lock's name that ends in .omit."
        )


def _write_zip(package: Path, members: Iterable[tuple[str, bytes | Path]]) -> None:
    package.parent.mkdir(parents=True, exist_ok=True)
    descriptor, new = tempfile.mkstemp(dir=package.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w") as archive:
            for member, found in sorted(members, key=itemgetter(0)):
                content = found.read_bytes() if isinstance(found, Path) else found
                info = zipfile.ZipInfo(member, _EARLIEST_ZIP_TIME)
                info.create_system = _UNIX
                info.external_attr = _REGULAR_FILE << 16
                archive.writestr(info, content, zipfile.ZIP_DEFLATED, compresslevel=9)
        Path(new).replace(package)
    except BaseException:
        Path(new).unlink()
        raise
