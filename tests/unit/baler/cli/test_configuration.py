"""baler.toml: where it is, what it may hold, and what it does not overrule."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from baler.cli.configuration import Configuration, ConfigurationError, defaults_of, read_configuration
from baler.cli.main import sub_command

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def here(aws_settings: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:  # noqa: ARG001 - no variables of the caller's
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    return folder


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_without_a_file_nothing_is_said() -> None:
    assert read_configuration() == Configuration()


def test_one_file_is_read_the_one_that_is_named_else_here_else_at_home(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path / "home" / "baler" / "baler.toml", 'stack = "home"\nregion = "eu-west-1"\n')
    assert read_configuration().stack == "home"
    written(here / "baler.toml", 'stack = "here"\n')
    found = read_configuration()
    assert (found.stack, found.region) == ("here", None)
    monkeypatch.setenv("BALER_CONFIG", str(written(tmp_path / "named.toml", 'stack = "named"\n')))
    assert read_configuration().stack == "named"


def test_a_file_that_is_named_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BALER_CONFIG", "nowhere.toml")
    with pytest.raises(ConfigurationError, match=r"nowhere\.toml cannot be read"):
        read_configuration()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("stack = prod", "cannot be read"),
        ("stack = 7", "stack is no text"),
        ('bucket = "b"', "nobody knows 'bucket' there"),
    ],
)
def test_a_file_that_says_nothing_sensible_is_refused_by_its_name(here: Path, text: str, why: str) -> None:
    written(here / "baler.toml", text)
    with pytest.raises(ConfigurationError, match=f"baler.toml.*{why}"):
        read_configuration()


def test_a_file_that_others_may_change_is_refused(here: Path) -> None:
    written(here / "baler.toml", 'stack = "prod"\n').chmod(0o666)
    with pytest.raises(ConfigurationError, match="may have been changed by others"):
        read_configuration()


def test_options_are_found_by_their_names_also_below_a_group() -> None:
    consume = defaults_of(sub_command("consume"), {"into": "/srv", "max-files": 7, "json": True}, "baler.toml: consume")
    assert consume == {"into": "/srv", "max_files": 7, "as_json": True}
    events = defaults_of(sub_command("events"), {"produce": {"stream": "s"}}, "baler.toml: events")
    assert events == {"produce": {"stream": "s"}}


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"produce": {"strem": "s"}}, "events.produce: there is no option 'strem'"),
        ({"produse": {"stream": "s"}}, "events: there is no command 'produse'"),
        ({"produce": "s"}, "events.produce: that is no table"),
    ],
)
def test_what_a_command_does_not_have_is_refused(table: dict[str, object], why: str) -> None:
    with pytest.raises(ConfigurationError, match=why):
        defaults_of(sub_command("events"), table, "baler.toml: events")


def test_region_and_profile_are_for_every_client_unless_the_environment_says_something_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = Configuration(region="eu-central-1", profile="operator")
    found.for_aws()
    assert (os.environ.get("AWS_REGION"), os.environ.get("AWS_PROFILE")) == (None, None)
    for name in ("AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with monkeypatch.context() as patch:
        patch.setenv("AWS_REGION", "")
        patch.setenv("AWS_PROFILE", "")
        found.for_aws()
        assert (os.environ["AWS_REGION"], os.environ["AWS_PROFILE"]) == ("eu-central-1", "operator")
