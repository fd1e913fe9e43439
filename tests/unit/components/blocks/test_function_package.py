import base64
import hashlib
import itertools
import os
import platform
import stat
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from components.blocks import function_package
from components.blocks.function_package import (
    PROJECT,
    Architecture,
    FunctionPackageError,
    Lock,
    PythonVersion,
    Target,
    build_function_package,
)
from components.blocks.function_sources import imported_modules
from components.events.compactor import Compactor
from components.files.aggregator import Aggregator
from sandbox.localstack.installation import INSTALLED, interpreter

if TYPE_CHECKING:
    from conftest import Deploy

TARGET = Target(architecture="arm64", python="3.13")
_MACHINE: Architecture = "arm64" if platform.machine().lower() in {"arm64", "aarch64"} else "x86_64"
HERE = Target(architecture=_MACHINE, python=cast("PythonVersion", f"{sys.version_info.major}.{sys.version_info.minor}"))
HANDLER = "runtime.files.aggregator.handler.handle"
OTHER_HANDLER = "runtime.files.monitor.handler.handle"
# e_machine of an ELF file, at byte 18.
ELF_MACHINE: dict[Architecture, int] = {"arm64": 183, "x86_64": 62}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose function needs nothing, so that pip has nothing to fetch."""
    for name, text in {
        "requirements/function.lock": "",
        "runtime/__init__.py": "",
        "runtime/py.typed": "",
        "runtime/files/__init__.py": "",
        "runtime/files/aggregator/__init__.py": "",
        "runtime/files/aggregator/handler.py": "from runtime.shared import now\n\n\ndef handle(): ...\n",
        "runtime/files/monitor/__init__.py": "",
        "runtime/files/monitor/handler.py": "import runtime.shared\n\n\ndef handle(): ...\n",
        "runtime/shared.py": "now = 0\n",
        "runtime/notes.txt": "not for the function",
        "runtime/__pycache__/handler.cpython-311.pyc": "not for the function",
    }.items():
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "project"


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Install a small library in place of pip, and tell how often that happened."""
    calls: list[Path] = []

    def install(_target: Target, _lock: Path, into: Path) -> None:
        calls.append(into)
        for name in (
            "library/__init__.py",
            "library/__pycache__/__init__.cpython-311.pyc",
            "library-1.0.dist-info/METADATA",
            "library-1.0.dist-info/RECORD",
            "library-1.0.dist-info/INSTALLER",
            "library-1.0.dist-info/licenses/LICENSE",
            "bin/library",
        ):
            path = into / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)

    monkeypatch.setattr(function_package, "install_dependencies", install)
    return calls


def members(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


@pytest.mark.usefixtures("installed")
def test_the_zip_holds_what_the_handler_imports_the_dependencies_with_their_licences_and_nothing_else(
    project: Path,
) -> None:
    assert members(build_function_package(TARGET, handler=HANDLER, project=project).path) == [
        "library-1.0.dist-info/METADATA",
        "library-1.0.dist-info/licenses/LICENSE",
        "library/__init__.py",
        "runtime/__init__.py",
        "runtime/files/__init__.py",
        "runtime/files/aggregator/__init__.py",
        "runtime/files/aggregator/handler.py",
        "runtime/shared.py",
    ]


@pytest.mark.usefixtures("installed")
def test_what_a_stack_declares_lies_where_lambda_starts_the_function(project: Path) -> None:
    package = build_function_package(TARGET, handler=HANDLER, files={"sources.toml": "ä"}, project=project)
    with zipfile.ZipFile(package.path) as archive:
        assert archive.read("sources.toml").decode() == "ä"
        assert archive.namelist() == sorted(archive.namelist())


@pytest.mark.usefixtures("installed")
def test_what_a_stack_declares_is_part_of_the_hash(project: Path) -> None:
    packages = {
        build_function_package(TARGET, handler=HANDLER, files=files, project=project).source_code_hash
        for files in ({}, {"sources.toml": "one"}, {"sources.toml": "two"}, {"other.toml": "one"})
    }
    assert len(packages) == 4


@pytest.mark.usefixtures("installed")
def test_the_same_sources_give_the_same_bytes_on_any_day(project: Path) -> None:
    first = build_function_package(TARGET, handler=HANDLER, project=project)
    content = first.path.read_bytes()
    first.path.unlink()
    for path in project.rglob("*.py"):
        os.utime(path, (0, 2_000_000_000))
        path.chmod(0o755)
    assert build_function_package(TARGET, handler=HANDLER, project=project).path.read_bytes() == content
    with zipfile.ZipFile(first.path) as archive:
        for member in archive.infolist():
            assert member.date_time == (1980, 1, 1, 0, 0, 0)
            assert member.external_attr >> 16 == stat.S_IFREG | 0o644


@pytest.mark.usefixtures("installed")
def test_the_hash_is_the_one_that_lambda_tells(project: Path) -> None:
    package = build_function_package(TARGET, handler=HANDLER, project=project)
    digest = hashlib.sha256(package.path.read_bytes()).digest()
    assert package.source_code_hash == base64.b64encode(digest).decode()


def test_nothing_is_built_twice(project: Path, installed: list[Path]) -> None:
    first = build_function_package(TARGET, handler=HANDLER, project=project)
    written = first.path.stat().st_mtime_ns
    assert build_function_package(TARGET, handler=HANDLER, project=project) == first
    assert first.path.stat().st_mtime_ns == written
    assert len(installed) == 1


def test_changed_code_is_packed_again_without_installing_again(project: Path, installed: list[Path]) -> None:
    old = build_function_package(TARGET, handler=HANDLER, project=project)
    (project / "runtime/files/aggregator/handler.py").write_text("def handle(): return 1\n")
    new = build_function_package(TARGET, handler=HANDLER, project=project)
    assert new.source_code_hash != old.source_code_hash
    with zipfile.ZipFile(new.path) as archive:
        assert archive.read("runtime/files/aggregator/handler.py") == b"def handle(): return 1\n"
    assert len(installed) == 1


@pytest.mark.parametrize(
    "other", [Target(architecture="x86_64", python="3.13"), Target(architecture="arm64", python="3.12")]
)
def test_another_target_gets_its_own_dependencies(project: Path, installed: list[Path], other: Target) -> None:
    first = build_function_package(TARGET, handler=HANDLER, project=project)
    assert build_function_package(other, handler=HANDLER, project=project).path != first.path
    assert len(installed) == 2


def test_a_function_is_given_what_its_own_lock_names(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "requirements/compactor.lock").write_text("# of its own\n")
    locks: list[str] = []

    def install(_target: Target, lock: Path, into: Path) -> None:
        locks.append(lock.name)
        into.mkdir(parents=True)

    monkeypatch.setattr(function_package, "install_dependencies", install)
    first = build_function_package(TARGET, handler=HANDLER, project=project)
    assert build_function_package(TARGET, handler=HANDLER, lock="compactor", project=project).path != first.path
    assert locks == ["function.lock", "compactor.lock"]


def test_what_the_lock_lists_beside_it_is_left_out(project: Path, installed: list[Path]) -> None:
    whole = build_function_package(TARGET, handler=HANDLER, project=project)
    (project / "requirements/function.omit").write_text("# too large\n\nlibrary-1.0.dist-info/licenses/*\n")
    package = build_function_package(TARGET, handler=HANDLER, project=project)
    assert set(members(whole.path)) - set(members(package.path)) == {"library-1.0.dist-info/licenses/LICENSE"}
    assert len(installed) == 1


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("limit", ["_MOST_ZIPPED_BYTES", "_MOST_UNPACKED_BYTES"])
def test_a_package_that_lambda_would_not_take_is_refused(
    project: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(function_package, limit, 100)
    with pytest.raises(FunctionPackageError, match=r"take something out of its lock"):
        build_function_package(TARGET, handler=HANDLER, project=project)


def test_a_changed_lock_is_installed_again(project: Path, installed: list[Path]) -> None:
    build_function_package(TARGET, handler=HANDLER, project=project)
    (project / "requirements/function.lock").write_text("# renewed\n")
    build_function_package(TARGET, handler=HANDLER, project=project)
    assert len(installed) == 2


def test_two_programs_beside_each_other_build_the_same(
    project: Path, installed: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    install = function_package.install_dependencies
    both_are_installing = threading.Barrier(2, timeout=240)

    def install_together(target: Target, lock: Path, into: Path) -> None:
        both_are_installing.wait()
        install(target, lock, into)

    monkeypatch.setattr(function_package, "install_dependencies", install_together)
    packages: list[function_package.FunctionPackage] = []
    threads = [
        threading.Thread(
            target=lambda: packages.append(build_function_package(TARGET, handler=HANDLER, project=project))
        )
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=240)
    assert len(installed) == 2
    assert len(packages) == 2
    assert packages[0] == packages[1]


@pytest.mark.usefixtures("installed")
def test_only_finished_files_are_left_below_build(project: Path) -> None:
    package = build_function_package(TARGET, handler=HANDLER, project=project)
    assert list(package.path.parent.iterdir()) == [package.path]
    assert not list((project / "build/dependencies").glob(".new-*"))


def test_a_pip_that_fails_is_told_in_one_sentence_and_leaves_nothing(project: Path) -> None:
    lock = project / "requirements/function.lock"
    lock.write_text(f"no-such-file @ {(project / 'missing-1.0-py3-none-any.whl').as_uri()} --hash=sha256:{'0' * 64}\n")
    with pytest.raises(FunctionPackageError, match=r"Python 3\.13 on arm64 could not be installed \(.+\): ") as failure:
        build_function_package(TARGET, handler=HANDLER, project=project)
    assert "\n" not in str(failure.value)
    assert not list((project / "build/dependencies").iterdir())


def test_a_python_without_pip_is_told_in_one_sentence(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = project / "python"
    bare.write_text("#!/bin/sh\necho 'python: No module named pip' >&2\nexit 1\n")
    bare.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(bare))
    with pytest.raises(FunctionPackageError, match="No module named pip"):
        build_function_package(TARGET, handler=HANDLER, project=project)


def test_wheels_may_need_no_newer_glibc_than_lambda_has() -> None:
    assert "manylinux_2_34_aarch64" in Target(architecture="arm64", python="3.12").platforms()
    amazon_linux_2 = Target(architecture="x86_64", python="3.11").platforms()
    assert amazon_linux_2[0] == "manylinux_2_26_x86_64"
    assert {"manylinux_2_17_x86_64", "manylinux2014_x86_64"} <= set(amazon_linux_2)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(("mine", "other"), [(HANDLER, OTHER_HANDLER), (OTHER_HANDLER, HANDLER)])
def test_an_edit_in_another_functions_module_leaves_the_hash_as_it_is(project: Path, mine: str, other: str) -> None:
    before = build_function_package(TARGET, handler=mine, project=project)
    with (project / other.rpartition(".")[0].replace(".", "/")).with_suffix(".py").open("a") as source:
        source.write("# A comment, and nothing else.\n")
    assert build_function_package(TARGET, handler=mine, project=project) == before


@pytest.mark.usefixtures("installed")
def test_an_edit_in_a_shared_module_changes_both(project: Path) -> None:
    before = [build_function_package(TARGET, handler=handler, project=project) for handler in (HANDLER, OTHER_HANDLER)]
    (project / "runtime/shared.py").write_text("now = 1\n")
    after = [build_function_package(TARGET, handler=handler, project=project) for handler in (HANDLER, OTHER_HANDLER)]
    assert not {package.source_code_hash for package in before} & {package.source_code_hash for package in after}


def test_a_handler_that_is_not_there_is_named(project: Path) -> None:
    with pytest.raises(FunctionPackageError, match=r"needs the module runtime\.courier, and there is no file of it"):
        build_function_package(TARGET, handler="runtime.courier.handler.handle", project=project)


@pytest.fixture
def functions(deploy: "Deploy") -> list[dict[str, Any]]:
    """What the program declares of each of its functions."""
    return [function.inputs for function in deploy("prod").all("lambda/function:Function")]


def test_every_handler_can_be_imported_from_its_zip_alone(functions: list[dict[str, Any]], tmp_path: Path) -> None:
    of_lambda = {
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_SECRET_ACCESS_KEY": "key",
        "AWS_DEFAULT_REGION": "eu-west-2",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
    }
    for function in functions:
        task = tmp_path / function["handler"]
        lock: Lock = "compactor" if function["handler"] == Compactor.HANDLER else "function"
        with zipfile.ZipFile(build_function_package(HERE, handler=function["handler"], lock=lock).path) as archive:
            archive.extractall(task)
        module, _, name = function["handler"].rpartition(".")
        done = subprocess.run(
            # Isolated: nothing of this checkout is on its path, and the libraries are those of AWS's runtime.
            [
                interpreter(INSTALLED.function),
                "-I",
                "-c",
                f"import sys; sys.path.insert(0, {str(task)!r}); import {module} as m; m.{name}",
            ],
            env={**function["environment"]["variables"], **of_lambda},
            cwd=task,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def test_no_function_carries_the_handler_of_another(functions: list[dict[str, Any]]) -> None:
    handlers = [function["handler"] for function in functions]
    for mine, other in itertools.permutations(handlers, 2):
        module = PROJECT.joinpath(*other.split(".")[:-1]).with_suffix(".py")
        assert module not in imported_modules(mine, PROJECT)


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
@pytest.mark.parametrize("python", ["3.11", "3.13"])
def test_the_real_package_runs_on_its_target_and_brings_no_boto3(
    architecture: Architecture, python: PythonVersion
) -> None:
    package = build_function_package(Target(architecture=architecture, python=python), handler=Aggregator.HANDLER)
    names = members(package.path)
    top = {name.split("/")[0] for name in names}
    assert {"aws_lambda_powertools", "isal", "runtime"} <= top
    assert not {"boto3", "botocore", "urllib3"} & top
    libraries = [name for name in names if name.endswith(".so")]
    assert libraries
    with zipfile.ZipFile(package.path) as archive:
        for library in libraries:
            assert int.from_bytes(archive.read(library)[18:20], "little") == ELF_MACHINE[architecture], library
            assert f"cpython-{python.replace('.', '')}-" in library


@pytest.mark.parametrize("target", [HERE, TARGET], ids=["of this machine", "of a stack"])
def test_the_package_that_writes_tables_is_one_that_lambda_takes(target: Target) -> None:
    package = build_function_package(target, handler=Compactor.HANDLER, lock="compactor")
    with zipfile.ZipFile(package.path) as archive:
        names = archive.namelist()
        unpacked = sum(member.file_size for member in archive.infolist())
        arrow = archive.read(next(name for name in names if name.startswith("pyarrow/libarrow.so.")))
    assert package.path.stat().st_size < 50 * 2**20
    assert unpacked < 250 * 2**20
    assert int.from_bytes(arrow[18:20], "little") == ELF_MACHINE[target.architecture]
    assert not {"boto3", "botocore", "urllib3"} & {name.split("/")[0] for name in names}


def test_what_the_package_that_writes_tables_leaves_out_is_not_missed(tmp_path: Path) -> None:
    package = build_function_package(HERE, handler=Compactor.HANDLER, lock="compactor")
    with zipfile.ZipFile(package.path) as archive:
        archive.extractall(tmp_path)
    done = subprocess.run(
        [interpreter(INSTALLED.function), "-I", "-c", _WRITES_AND_READS_A_TABLE, str(tmp_path)],
        cwd=tmp_path,
        env={"AWS_DEFAULT_REGION": "eu-west-2"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "2 rows, 1 file\n"


# The adapter over a catalogue of a dictionary and files of a folder: all that an invocation does but for AWS.
_WRITES_AND_READS_A_TABLE = """
import sys, types
task = sys.argv[1]
sys.path.insert(0, task)
from datetime import UTC, datetime
from pyiceberg.catalog.glue import GlueCatalog
from baler.events.partition import Partition
from baler.events.table.source_rows import SourceRows
from runtime.events.aws.event_table import IcebergEventTable

class Missing(Exception): ...
class Glue:
    exceptions = types.SimpleNamespace(
        EntityNotFoundException=Missing, AlreadyExistsException=ValueError, ConcurrentModificationException=KeyError
    )
    tables = {}
    def get_database(self, Name): return {"Database": {"Name": Name, "LocationUri": f"file://{task}/warehouse"}}
    def get_table(self, DatabaseName, Name):
        if Name not in self.tables: raise Missing
        return {"Table": self.tables[Name]}
    def create_table(self, DatabaseName, TableInput):
        self.tables[TableInput["Name"]] = {**TableInput, "DatabaseName": DatabaseName, "VersionId": "1"}
    def update_table(self, DatabaseName, TableInput, SkipArchive, VersionId):
        self.create_table(DatabaseName, TableInput)

at = datetime(2024, 1, 15, 10, 30, tzinfo=UTC)
def source(key, arrival):
    row = {"event_type": "metric", "event_time": at, "record_id": key, "source": key, "shard_id": "0",
           "sequence_number": "1", "sub_sequence": 0, "arrived_at": arrival, "processed_timestamp": at,
           "value": 1.5, "metric_date": at.date(), "original_data": "{}"}
    return SourceRows(key, Partition("metric", 2024, 1, 15, 10), (row,), arrival, arrival)

table = IcebergEventTable(GlueCatalog("glue", client=Glue()), "database", lambda location: ())
for key in ("a", "b", "a"):
    snapshot = table.snapshot()
    assert snapshot.commit([source(key, at)], snapshot.holding([source(key, at)]))
(hour,) = table.snapshot().scattered(datetime(2024, 1, 15, 11, tzinfo=UTC))
assert table.snapshot().rewrite(hour)
table.sweep(at)
size = table.size()
print(f"{size.rows} rows, {size.files} file")
"""
