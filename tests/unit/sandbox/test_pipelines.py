"""Each harness can be asked for each pipeline, and takes the options that do something for it."""

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
def test_a_pipeline_that_nobody_plans_is_refused_with_those_that_there_are(harness: str) -> None:
    result = run(harness, "--pipeline", "file")

    assert result.exit_code == 2
    assert all(name in result.output for name in ("files", "events", "lake"))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (["--pipeline", "events", "--files", "."], "FILES does nothing for PIPELINE=events: leave it out."),
        (["--pipeline", "events", "--delivery", "http"], "DELIVERY does nothing for PIPELINE=events: leave it out."),
        (["--pipeline", "lake", "--rate", "5"], "RATE does nothing for PIPELINE=lake: leave it out."),
        (["--pipeline", "lake", "--files", "."], "FILES does nothing for PIPELINE=lake: leave it out."),
        (["--events", "100"], "EVENTS does nothing for PIPELINE=files: leave it out."),
    ],
)
def test_an_option_that_does_nothing_for_a_pipeline_is_refused(asked: list[str], sentence: str) -> None:
    result = run("demo", *asked)

    assert (result.exit_code, result.output) == (2, f"{sentence}\n")


def test_a_load_shape_is_one_of_its_pipeline() -> None:
    result = run("loadtest", "--pipeline", "events", "--shape", "burst")

    assert (result.exit_code, result.output) == (
        2,
        "There is no load shape 'burst': choose one of events-burst, events-baseline.\n",
    )


def test_a_stack_has_the_pipelines_that_are_asked_for_and_what_its_file_sets_of_others_does_not_count() -> None:
    given = yaml.safe_load((PROJECT_DIR / "Pulumi.local.yaml").read_text())["config"]
    of_files = {key for key in given if re.match("baler:files[A-Z]", key)}

    settings = settings_of_only(["events"], PROJECT_DIR, "local")

    assert settings.pop("baler:pipelines") == ["events"]
    assert settings.keys() == of_files
    assert (settings["baler:filesConsumerPrincipalArn"], settings["baler:filesBatchingWindowSeconds"]) == ("", 10)


def test_nothing_is_reset_of_the_pipelines_that_are_asked_for() -> None:
    assert settings_of_only(["files", "events"], PROJECT_DIR, "local") == {"baler:pipelines": ["files", "events"]}
