"""What several tests read of one run of the program is the same for each of them."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from harness.frozen import frozen
from harness.recorded_program import record_program

from components import pipelines
from components.files.pipeline import FilesPipeline
from components.files.settings import FilesSettings
from components.pipeline import Running
from components.pipelines import PipelineKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.network.network import Network


class Marked(FilesPipeline):
    """The file pipeline with one more output."""

    def run(self, network: Network) -> Running:
        running = super().run(network)
        return Running(watched=running.watched, outputs={**running.outputs, "marked": "yes"})


PLAIN = {"name": "one", "tags": ["a", {"deep": 1}]}
CHANGES: list[Callable[[Any], object]] = [
    lambda value: value.update(name="two"),
    lambda value: value.__setitem__("name", "two"),
    lambda value: value.pop("name"),
    lambda value: value["tags"].append("b"),
    lambda value: value["tags"].sort(key=str),
    lambda value: value["tags"][1].clear(),
    lambda value: value["tags"].__delitem__(0),
]


def test_equal_calls_share_a_run_and_other_settings_are_another() -> None:
    one = record_program("dev", {"baler:filesBatchSize": 7, "baler:logLevel": "INFO"})
    assert record_program("dev", {"baler:logLevel": "INFO", "baler:filesBatchSize": 7}) is one
    assert record_program("dev", {"baler:filesBatchSize": 8, "baler:logLevel": "INFO"}) is not one


def test_what_is_put_in_pulumi_s_place_is_another_run(monkeypatch: pytest.MonkeyPatch) -> None:
    one = record_program("dev")
    monkeypatch.setattr("pulumi.get_stack", lambda: "another")
    assert record_program("dev") is not one
    monkeypatch.undo()
    assert record_program("dev") is one


def test_other_pipelines_are_another_run(monkeypatch: pytest.MonkeyPatch) -> None:
    one = record_program("dev")
    monkeypatch.setattr(pipelines, "PIPELINES", {"files": PipelineKind(FilesSettings, Marked)})
    assert record_program("dev").exports["filesMarked"] == "yes"
    monkeypatch.undo()
    assert record_program("dev") is one


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_shared_cannot_be_changed(change: Callable[[Any], object]) -> None:
    value = frozen(PLAIN)
    with pytest.raises(TypeError, match="change a copy"):
        change(value)
    assert value == PLAIN


def test_what_is_shared_reads_as_a_plain_value_and_a_copy_is_one() -> None:
    assert json.loads(json.dumps(frozen(PLAIN))) == PLAIN
    changed: Any = copy.deepcopy(frozen(PLAIN))
    changed["tags"][1]["deep"] = 2
    assert (changed["tags"][1], PLAIN["tags"][1]) == ({"deep": 2}, {"deep": 1})
