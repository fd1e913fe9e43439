"""A rehearsal from start to end."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.text import Text

from sandbox.alone import alone
from sandbox.rehearsal.alarm_show import AlarmShow
from sandbox.rehearsal.alarm_watch import AlarmWatch
from sandbox.rehearsal.pulumi_up import answered_pulumi_up
from sandbox.rehearsal.repair import repair
from sandbox.rehearsal.stages import opened_stage
from sandbox.terminal.environment import write_environment, write_profiles
from sandbox.terminal.programs import described
from sandbox.terminal.terminal import Terminal
from sandbox.time_lapse import SANDBOX_FACTOR, set_time_lapse

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from sandbox.deployed import DeployedStack
    from sandbox.rehearsal.fault import Broken, Fault


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What was asked for.

    Attributes:
        fault: what is to be wrong.
        by_itself: whether the page's commands are typed by this program.
        port: where LocalStack listens.
        folder: gets everything that the rehearsal leaves.
    """

    fault: Fault[Any]
    by_itself: bool
    port: int
    folder: Path


def rehearse(rehearsal: Rehearsal, console: Console) -> bool:
    """Let a stack work, break it, see the alarms fire, and wait until it is repaired; prints as it goes.

    Returns:
        whether the alarms fired that should, and all are off in the end.

    Raises:
        SandboxError: something is missing or in the way, or a command of the page failed.
    """
    fault, folder = rehearsal.fault, rehearsal.folder
    with alone(folder):
        _empty(folder)
        with opened_stage(fault, console, folder=folder, port=rehearsal.port) as stage:
            deployed = stage.deployed
            up = folder.resolve() / "up-is-asked-for"
            env = write_environment(deployed, folder, up=up)
            _let_time_pass_faster(deployed, fault, console)
            show = AlarmShow(AlarmWatch(stage.aws, deployed.name), console)
            if not show.wait("all is well", lambda on: not on, quiet=True):
                return False
            broken = fault.break_it(stage)
            show.restart()
            console.print(f"\n[bold]Broken:[/] {fault.summary}.")
            with answered_pulumi_up(up, broken.put_back):
                if not show.wait(f"{', '.join(fault.alarms)}", lambda on: on >= set(fault.alarms)):
                    return False
                console.print(f"\n[bold]Open {fault.path}[/]")
                if rehearsal.by_itself:
                    repair(fault, broken, _terminal(stage.deployed, folder, up), console)
                    well = show.wait("all is well again", lambda on: not on)
                else:
                    _invite(console, env, broken)
                    well = show.wait("all is well again", lambda on: not on, patience=None, on_enter=broken.others)
                if well:
                    console.print(f"\n[bold green]Well again[/], {show.seconds():.0f} s after it was broken.")
                return well


def _let_time_pass_faster(deployed: DeployedStack, fault: Fault[Any], console: Console) -> None:
    set_time_lapse(deployed.endpoint, deployed.name, SANDBOX_FACTOR)
    lapsed = fault.lapsed or fault.alarms[0]
    set_time_lapse(deployed.endpoint, deployed.name, fault.factor, waits=fault.waits, alarm=lapsed)
    others = f", {fault.factor:g} times for {lapsed}" if fault.factor > SANDBOX_FACTOR else ""
    line = f"For alarms time passes {SANDBOX_FACTOR:g} times as fast as on AWS{others}: a minute lasts 10 s."
    console.print(Text(line, style="dim"))


def _invite(console: Console, env: Path, broken: Broken) -> None:
    console.print(f"In another terminal, in this folder: [bold]. {env}[/], then what the page says to type.")
    console.print("That shell knows its stack: leave `export BALER_STACK=prod` out.")
    if broken.hint:
        console.print(broken.hint)
    if broken.who:
        console.print(f"Press Enter here, and {broken.who}. Ctrl-C ends the rehearsal.")
    else:
        console.print("Ctrl-C ends the rehearsal.")


def _terminal(deployed: DeployedStack, folder: Path, up: Path) -> Terminal:
    place = folder.resolve() / "terminal"
    place.mkdir()
    environment = {**write_profiles(deployed, folder), "BALER_STACK": deployed.name}
    return Terminal(place, described(deployed, up=up), environment)


def _empty(folder: Path) -> None:
    """Remove what an earlier rehearsal or sandbox left."""
    for name in ("received", "received.state", "receiver", "terminal", "lake"):
        shutil.rmtree(folder / name, ignore_errors=True)
