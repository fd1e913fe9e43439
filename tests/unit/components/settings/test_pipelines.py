"""A stack has the pipelines that it names, and is asked for what they need and nothing else."""

from collections.abc import Mapping
from typing import Any

import pytest
from harness.given_settings import read, refusal
from pydantic import ConfigDict, ValidationInfo, field_validator

from components.pipelines import SETTINGS
from components.settings.model import PipelineSettings, shared, with_prefix
from components.settings.types import refusal as refused
from components.settings.types import unset
from sandbox.engine.program import PROJECT_DIR, stack_config


class EventsSettings(PipelineSettings):
    """Settings as another pipeline may have them."""

    model_config = ConfigDict(alias_generator=with_prefix("events"))

    producer: str
    """Who may send events. Required."""

    shards: int = 2
    """Shards of the stream."""

    open_to: tuple[str, ...] = ()
    """Who else may."""

    @field_validator("producer")
    @classmethod
    def _somebody_sends(cls, value: str) -> str:
        if not value:
            raise refused("somebody must send", "<name>")
        return value

    @field_validator("shards")
    @classmethod
    def _much_is_kept_from_the_internet(cls, value: int, info: ValidationInfo) -> int:
        if value > 2 and shared(info).get("network_zones") == "ab":
            raise refused("more than 2 need baler:networkZones abc", 2)
        return value

    @field_validator("open_to")
    @classmethod
    def _protected_data_has_operators(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if shared(info).get("protect_data") and shared(info).get("operator_principal_arns") == ():
            raise unset("operatorPrincipalArns", "somebody must look after protected data", "<arn>")
        return value


BOTH = {**SETTINGS, "events": EventsSettings}
EVENTS = {"baler:pipelines": ["events"], "baler:eventsProducer": "somebody"}


def problems(settings: Mapping[str, Any]) -> dict[str, str]:
    return {wrong.key: wrong.problem for wrong in refusal(settings, BOTH).wrong}


def fixes(settings: Mapping[str, Any], models: Mapping[str, type[PipelineSettings]] = BOTH) -> list[str]:
    return [wrong.fix for wrong in refusal(settings, models).wrong]


def test_a_stack_that_names_none_has_the_files_pipeline(required: dict[str, Any]) -> None:
    assert list(read(required, BOTH).pipelines) == ["files"]


@pytest.mark.parametrize("order", [["files", "events"], ["events", "files"]])
def test_pipelines_come_in_the_order_of_the_stack(required: dict[str, Any], order: list[str]) -> None:
    assert list(read({**required, **EVENTS, "baler:pipelines": order}, BOTH).pipelines) == order


def test_a_pipeline_that_is_not_chosen_asks_for_nothing() -> None:
    found = read(EVENTS, BOTH)
    assert found.pipelines == {"events": EventsSettings.model_validate({"eventsProducer": "somebody"})}
    assert problems({"baler:pipelines": ["events"]}).keys() == {"baler:eventsProducer"}


@pytest.mark.parametrize(
    ("pipelines", "message", "fix"),
    [
        (
            ["fils"],
            "is ['fils']: fils is no pipeline; this version of Baler has files, events, lake.",
            "set --path 'baler:pipelines[0]' files",
        ),
        (
            ["files", "event"],
            "is ['files', 'event']: event is no pipeline; this version of Baler has files, events, lake.",
            "set --path 'baler:pipelines[1]' events",
        ),
        (
            ["files", "file"],
            "is ['files', 'file']: file is no pipeline; this version of Baler has files, events, lake.",
            "rm --path 'baler:pipelines[1]'",
        ),
        ([], "is not set: a stack has at least one pipeline.", "set --path 'baler:pipelines[0]' files"),
        (["files", "files"], "is ['files', 'files']: it names files twice.", "rm --path 'baler:pipelines[1]'"),
        ("files", "is 'files': it must be a list.", "set --path 'baler:pipelines[0]' files"),
    ],
)
def test_a_wrong_choice_is_refused_with_what_to_do(
    required: dict[str, Any], pipelines: object, message: str, fix: str
) -> None:
    settings = {**required, "baler:pipelines": pipelines}
    assert [problem for key, problem in problems(settings).items() if key.startswith("baler:pipelines")] == [message]
    assert fixes(settings) == [f"pulumi config {fix}"]


def test_a_key_of_a_pipeline_that_the_stack_does_not_have_is_refused_with_what_to_do(required: dict[str, Any]) -> None:
    settings = {**required, "baler:eventsShards": 4}
    assert problems(settings) == {
        "baler:eventsShards": "is set, and the stack does not have its pipeline: add events to baler:pipelines in "
        "Pulumi.dev.yaml, or remove the key."
    }
    assert fixes(settings) == ["pulumi config rm baler:eventsShards"]


def test_the_required_keys_of_a_pipeline_that_the_stack_does_not_have_are_refused_too(required: dict[str, Any]) -> None:
    assert problems({**required, **EVENTS}).keys() == set(required)


def test_the_projects_defaults_for_a_pipeline_that_the_stack_does_not_have_are_none_of_its_settings() -> None:
    """Pulumi gives a program the defaults of Pulumi.yaml as if the stack had set them."""
    project = stack_config(PROJECT_DIR, "staging", {})
    defaults = {key: value for key, value in project.items() if not key.startswith("baler:events")}
    assert "baler:filesBatchSize" in defaults
    assert list(read({**defaults, **EVENTS}, BOTH).pipelines) == ["events"]


def test_a_wrong_choice_says_nothing_about_keys_of_pipelines_that_it_may_have_meant(required: dict[str, Any]) -> None:
    settings = {**required, "baler:pipelines": ["files", "event"], "baler:eventsShards": 4}
    assert problems(settings).keys() == {"baler:pipelines"}


def test_a_key_that_no_pipeline_has_is_refused_with_the_one_that_was_meant(required: dict[str, Any]) -> None:
    assert "Did you mean baler:eventsShards?" in problems({**required, "baler:eventShards": 4})["baler:eventShards"]


def test_everything_wrong_with_shared_settings_and_pipelines_is_reported_at_once(required: dict[str, Any]) -> None:
    settings = {
        **required,
        **EVENTS,
        "baler:pipelines": ["files", "events", "pond"],
        "baler:logLevel": "LOUD",
        "baler:filesBatchSize": 0,
        "baler:eventsShards": 3,
        "baler:filesBachSize": 3,
    }
    assert problems(settings).keys() == {
        "baler:pipelines",
        "baler:logLevel",
        "baler:filesBatchSize",
        "baler:eventsShards",
        "baler:filesBachSize",
    }


def test_a_pipelines_rule_sees_the_shared_settings_and_names_the_one_that_is_not_set() -> None:
    protected = {**EVENTS, "baler:protectData": True, "baler:alarmSubscriptions": ["ops@example.org"]}
    found = problems({**protected, "baler:logLevel": "LOUD", "baler:pageSubscriptions": ["ops@example.org"]})
    assert found["baler:operatorPrincipalArns"] == "is not set: somebody must look after protected data."
    assert found.keys() == {"baler:logLevel", "baler:operatorPrincipalArns"}


def test_a_pipelines_rule_is_silent_about_a_shared_setting_that_is_wrong_itself() -> None:
    found = problems({**EVENTS, "baler:networkZones": "a", "baler:eventsShards": 3})
    assert found.keys() == {"baler:networkZones"}
