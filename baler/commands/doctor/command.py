"""The command line of `baler doctor`."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from botocore.exceptions import BotoCoreError, ClientError

from baler.cli import stack
from baler.cli.clients import SettingsError
from baler.cli.exit_codes import ExitCode, exit_codes_help
from baler.cli.report import quantity, stdout_reporter
from baler.cli.stack_parameter import NoStackError, ParameterDeniedError, read_outputs
from baler.cli.version import version
from baler.commands.doctor.finding import Finding, Verdict
from baler.commands.doctor.identity import identity, region
from baler.commands.doctor.rights import rights, things

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EPILOG: Final = f"""
**Examples**

Before the first command on a machine, with the credentials that it will have:

    baler doctor --stack prod

On the premises, where the consumer's role may not ask what the stack says:

    BALER_MAILBOX=NAME baler doctor

{
    exit_codes_help(
        {
            ExitCode.OK: "all is well",
            ExitCode.NEEDS_ATTENTION: "something is wrong; the line says what to do",
            ExitCode.UNKNOWN: "nothing is wrong, and your role may not ask for some of it, or versions differ",
        }
    )
}
"""


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line instead of text.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Find out what is wrong with credentials, region, endpoint, clock, rights or versions.

    It asks STS who you are, the stack what it has, and for each part that commands work with whether it is there. What
    your role may not ask for is no fault by itself: a consumer may see its mailbox and nothing else. Nothing is
    changed.
    """
    report = stdout_reporter(as_json=as_json)
    found: list[Verdict] = []
    for finding in _examine():
        report(finding.event())
        found.append(finding.verdict)
    wrong, unknown = found.count(Verdict.WRONG), found.count(Verdict.UNKNOWN)
    if not as_json:
        typer.echo(f"{quantity(len(found), 'check')}: {wrong} wrong, {unknown} unknown.", err=True)
    if wrong:
        raise typer.Exit(ExitCode.NEEDS_ATTENTION)
    if unknown:
        raise typer.Exit(ExitCode.UNKNOWN)


def _examine() -> Iterator[Finding]:
    """Yield findings, the reasons of others first; what could not go well any more is not asked."""
    ours = version()
    text = f"baler {ours}, Python {platform.python_version()}, boto3 {metadata.version('boto3')}"
    yield Finding("versions", Verdict.OK, text)
    where = region()
    yield where
    if where.verdict is not Verdict.OK:
        return
    identified = list(identity())
    yield from identified
    if any(finding.verdict is Verdict.WRONG for finding in identified):
        return
    name = stack.selected()
    outputs: Mapping[str, Any] = {}
    if name is None:
        yield Finding("stack", Verdict.OK, "none is named (--stack, BALER_STACK, baler.toml): variables alone count")
    else:
        finding, outputs = _stack(name)
        yield finding
        if outputs.get("version", ours) != ours:
            text = f"stack {name} was deployed by Baler {outputs['version']}, this is {ours}: upgrade the older one"
            yield Finding("versions", Verdict.UNKNOWN, text)
    yield from rights(things(outputs))


def _stack(name: str) -> tuple[Finding, Mapping[str, Any]]:
    """Return how what the stack says is, and what it says; nothing where it cannot be asked."""
    try:
        outputs = read_outputs(name)
    except NoStackError as error:
        return Finding("stack", Verdict.WRONG, str(error)), {}
    except (ParameterDeniedError, ClientError, BotoCoreError, SettingsError) as error:
        return Finding("stack", Verdict.UNKNOWN, str(error)), {}
    pipelines = [each for each in ("files", "events", "lake") if any(key.startswith(each) for key in outputs)]
    return Finding("stack", Verdict.OK, f"{name}: {', '.join(pipelines)}"), outputs
