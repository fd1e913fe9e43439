"""`baler.toml`: what somebody would otherwise repeat at every command.

    stack = "prod"
    region = "eu-west-2"
    profile = "baler-operator"

    [consume]
    into = "/srv/readings"
    file-mode = "0640"

    [events.produce]
    rate = 100

An option of the command line goes before its variable, that before this file, and this file before what the stack says.
The file is the one that BALER_CONFIG names; else baler.toml in the current folder; else baler/baler.toml in the user's
folder of configuration ($XDG_CONFIG_HOME, or ~/.config). One file is read, never two.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

VARIABLE: Final = "BALER_CONFIG"
_NAME: Final = "baler.toml"
_GENERAL: Final = ("stack", "region", "profile")


class ConfigurationError(Exception):
    """The file cannot be used; the message is a sentence with its path."""


@dataclass(frozen=True)
class Configuration:
    """What the file says.

    Attributes:
        path: the file; None where there is none.
        stack, region, profile: as it names them, if it does.
        commands: options by the words of their command, a table within a table for a command of a group.
    """

    path: Path | None = None
    stack: str | None = None
    region: str | None = None
    profile: str | None = None
    commands: dict[str, Any] = field(default_factory=dict)

    def for_aws(self) -> None:
        """Put region and profile where every client of this process looks for them, unless something is there."""
        given = os.environ
        if self.region and not given.get("AWS_REGION") and not given.get("AWS_DEFAULT_REGION"):
            given["AWS_REGION"] = self.region
        # Keys in the environment are what boto3 would take instead, and then the profile's region and endpoint too.
        if self.profile and not given.get("AWS_PROFILE") and not given.get("AWS_ACCESS_KEY_ID"):
            given["AWS_PROFILE"] = self.profile


def read_configuration() -> Configuration:
    """Return what the file says; nothing where there is none.

    Raises:
        ConfigurationError: it is not TOML, or not its owner's alone to change, or holds what nobody knows.
    """
    path = _path()
    if path is None:
        return Configuration()
    # A module for a file that few have.
    import tomllib  # noqa: PLC0415

    try:
        _check_owner(path)
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}.") from error
    for name in _GENERAL:
        if not isinstance(found.get(name, ""), str):
            raise ConfigurationError(f"{path}: {name} is no text.")
    commands = {name: value for name, value in found.items() if name not in _GENERAL}
    for name, value in commands.items():
        if not isinstance(value, dict):
            raise ConfigurationError(
                f"{path}: nobody knows {name!r} there: stack, region, profile, or a command's table."
            )
    return Configuration(path, found.get("stack"), found.get("region"), found.get("profile"), commands)


def defaults_of(command: Any, table: object, where: str) -> dict[str, Any]:
    """Return a command's table by the names of its parameters, as Typer looks for them.

    Args:
        command: Typer's, with all its options; or a group, whose tables are its commands'.
        table: what the file has for it.
        where: the file and the words of the command, for messages.

    Raises:
        ConfigurationError: the command has no such option.
    """
    if not isinstance(table, dict):
        raise ConfigurationError(f"{where}: that is no table.")
    given = cast("dict[str, Any]", table)
    below = getattr(command, "commands", None)
    if below is not None:
        known, of_what = below, "command"
        made = {
            name: defaults_of(below[name], value, f"{where}.{name}") for name, value in given.items() if name in below
        }
    else:
        options = {option.removeprefix("--"): each for each in command.params for option in getattr(each, "opts", ())}
        known, of_what = options, "option"
        made = {options[name].name: value for name, value in given.items() if name in options}
    for name in given:
        if name not in known:
            raise ConfigurationError(f"{where}: there is no {of_what} {name!r}.")
    return made


def _path() -> Path | None:
    if named := os.environ.get(VARIABLE):
        return Path(named)
    home = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    places = (Path(_NAME), Path(home).expanduser() / "baler" / _NAME)
    return next((path for path in places if path.is_file()), None)


def _check_owner(path: Path) -> None:
    """Refuse a file that others may have put there: it says which account a command talks to.

    Raises:
        ConfigurationError: it is somebody else's, or may be written by everybody.
        OSError: there is none.
    """
    status = path.stat()
    if status.st_uid not in {os.geteuid(), 0} or status.st_mode & stat.S_IWOTH:
        raise ConfigurationError(
            f"{path} may have been changed by others: it must be yours or root's, and theirs alone to write."
        )
