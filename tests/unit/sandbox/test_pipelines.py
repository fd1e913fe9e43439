"""Each harness can be asked for each pipeline, and says so where it is not there yet."""

from __future__ import annotations

import re

import pytest
import yaml
from typer.testing import CliRunner, Result

from loadtest.__main__ import app as load_test
from sandbox.__main__ import app as sandbox
from sandbox.engine.program import PROJECT_DIR
from sandbox.pipelines import settings_of_only

HARNESSES = ["demo", "sandbox", "loadtest"]


def run(harness: str, *asked: str) -> Result:
    if harness == "loadtest":
        return CliRunner().invoke(load_test, asked)
    return CliRunner().invoke(sandbox, ["demo" if harness == "demo" else "up", *asked])


@pytest.mark.parametrize("harness", HARNESSES)
@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--pipeline", "events", "The pipeline events is not built yet: run PIPELINE=files."),
        ("--pipeline", "lake", "The pipeline lake is not built yet: run PIPELINE=files."),
    ],
)
def test_what_is_not_built_yet_is_one_sentence(harness: str, option: str, value: str, sentence: str) -> None:
    result = run(harness, option, value)

    assert (result.exit_code, result.output) == (2, f"{sentence}\n")


@pytest.mark.parametrize("harness", HARNESSES)
def test_a_pipeline_that_nobody_plans_is_refused_with_those_that_there_are(harness: str) -> None:
    result = run(harness, "--pipeline", "file")

    assert result.exit_code == 2
    assert all(name in result.output for name in ("files", "events", "lake"))


def test_a_stack_has_the_pipelines_that_are_asked_for_and_what_its_file_sets_of_others_does_not_count() -> None:
    given = yaml.safe_load((PROJECT_DIR / "Pulumi.local.yaml").read_text())["config"]
    of_files = {key for key in given if re.match("baler:files[A-Z]", key)}

    settings = settings_of_only(["events"], PROJECT_DIR, "local")

    assert settings.pop("baler:pipelines") == ["events"]
    assert settings.keys() == of_files
    assert (settings["baler:filesConsumerPrincipalArn"], settings["baler:filesBatchingWindowSeconds"]) == ("", 10)


def test_nothing_is_reset_of_the_pipelines_that_are_asked_for() -> None:
    assert settings_of_only(["files", "events"], PROJECT_DIR, "local") == {"baler:pipelines": ["files", "events"]}
