"""Pulumi.yaml declares what the models say, in the words that the Pulumi CLI understands."""

import json
from typing import Any

from components.pipelines import SETTINGS
from components.project_file import PROJECT_FILE, STALE, render
from components.settings.model import description, qualified
from components.settings.shared import SharedSettings
from sandbox.engine.project import read_project

FIELDS = {
    qualified(str(field.alias)): field
    for model in (SharedSettings, *SETTINGS.values())
    for field in model.model_fields.values()
}


def test_pulumi_yaml_declares_what_the_models_say() -> None:
    text = PROJECT_FILE.read_text(encoding="utf-8")
    assert text == render(text), STALE


def test_a_declaration_has_the_type_and_the_default_of_its_setting() -> None:
    declared = {each.key: each for each in read_project(PROJECT_FILE.parent).declarations}
    assert list(declared) == list(FIELDS)
    for key, field in FIELDS.items():
        empty: Any = [] if declared[key].type == "array" else ""
        # A list is a tuple in the model.
        assert declared[key].default == (empty if field.is_required() else json.loads(json.dumps(field.default))), key


def test_each_setting_is_described_in_one_line() -> None:
    assert [key for key, field in FIELDS.items() if not description(field).endswith(".")] == []


def test_the_settings_of_a_pipeline_begin_with_its_name_and_shared_ones_with_none() -> None:
    for pipeline, model in SETTINGS.items():
        assert all(str(field.alias).startswith(pipeline) for field in model.model_fields.values())
    shared = [str(field.alias) for field in SharedSettings.model_fields.values()]
    assert not [alias for alias in shared for pipeline in SETTINGS if alias.startswith(pipeline)]
