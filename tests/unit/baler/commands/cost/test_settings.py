"""Settings are read from a stack's files as Pulumi reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from harness.shipped_stacks import shipped_project

from baler.commands.cost.settings import StackFilesError, StackSettings, read_stack_settings
from components.files.settings import FilesSettings
from components.settings.shared import SharedSettings
from sandbox.engine.program import PROJECT_DIR

if TYPE_CHECKING:
    from pathlib import Path

DEFAULTS = {
    field.alias: field.default for model in (SharedSettings, FilesSettings) for field in model.model_fields.values()
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text((PROJECT_DIR / "Pulumi.yaml").read_text())
    (tmp_path / "Pulumi.mine.yaml").write_text("config:\n  aws:region: eu-west-2\n")
    return tmp_path


def say(project: Path, text: str) -> StackSettings:
    (project / "Pulumi.mine.yaml").write_text(text)
    return read_stack_settings(project, "mine")


def test_what_costs_is_a_setting_of_the_program() -> None:
    assert {field.alias for field in StackSettings.model_fields.values()} <= set(DEFAULTS)


@pytest.mark.parametrize("stack", ["local", "dev", "staging", "prod"])
def test_every_stack_of_the_repository_can_be_read(stack: str) -> None:
    assert read_stack_settings(shipped_project(), stack).batch_size > 0


def test_a_stack_that_says_nothing_has_the_programs_defaults(project: Path) -> None:
    read = read_stack_settings(project, "mine")

    for name, field in StackSettings.model_fields.items():
        assert getattr(read, name) == DEFAULTS[field.alias], name


def test_what_the_stack_says_counts_also_as_text(project: Path) -> None:
    read = say(
        project,
        'config:\n  baler:filesBatchSize: "50"\n  baler:privateNetwork: "false"\n'
        "  baler:onPremisesCidrs: [192.0.2.0/24]\n",
    )

    assert (read.batch_size, read.private_network, read.on_premises_cidrs) == (50, False, ("192.0.2.0/24",))


def test_a_stack_file_without_settings_is_enough(project: Path) -> None:
    assert say(project, "").batch_size == 100


def test_a_stack_that_is_not_there_is_told_with_those_that_are(project: Path) -> None:
    with pytest.raises(StackFilesError, match=r"no Pulumi\.prd\.yaml.*are: mine"):
        read_stack_settings(project, "prd")


def test_a_folder_without_a_project_is_told(tmp_path: Path) -> None:
    with pytest.raises(StackFilesError, match=r"no Pulumi\.yaml.*--project"):
        read_stack_settings(tmp_path, "prod")


def test_a_wrong_value_is_told_by_its_key(project: Path) -> None:
    with pytest.raises(StackFilesError, match=r"baler:filesBatchSize.*integer"):
        say(project, "config: {baler:filesBatchSize: many}\n")


@pytest.mark.parametrize("text", ["config: [1, 2]", "config: {a: 1", "\x00"])
def test_a_file_that_is_no_configuration_is_refused(project: Path, text: str) -> None:
    with pytest.raises(StackFilesError, match=r"Pulumi\.mine\.yaml"):
        say(project, text)


def test_a_secret_setting_that_costs_nothing_is_left_alone(project: Path) -> None:
    assert say(project, "config:\n  baler:filesExternalPartyExternalId: {secure: AAABAI}\n").batch_size == 100
