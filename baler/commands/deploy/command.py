"""The command line of `baler deploy`: a function's name in, a shifted alias out."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import typer
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from baler.cli.aws_session import aws_session, check_settings
from baler.cli.exit_codes import ExitCode, exit_codes_help
from baler.cli.refusals import passes
from baler.cli.report import failure, printable, stdout_reporter
from baler.cli.shutdown import Shutdown, Stopping
from baler.cli.stack_outputs import from_stack
from baler.commands.deploy.deployments import Deployments
from baler.commands.deploy.service import Deploy, LostError, NotStartedError
from baler.commands.deploy.versions import FunctionVersions

if TYPE_CHECKING:
    from collections.abc import Generator

EPILOG: Final = f"""
**Examples** (with BALER_STACK set)

After `pulumi up` has published a version:

    baler deploy

The new version is the repair of what the alarms are about:

    baler deploy --despite-alarms

{
    exit_codes_help(
        {
            ExitCode.OK: "the newest version gets every batch",
            ExitCode.CANNOT_PROCEED: "it was not started: an alarm is on, or AWS refuses",
            ExitCode.NEEDS_ATTENTION: "it was rolled back, or failed",
            ExitCode.RETRY: "it was not started: AWS did not answer",
            ExitCode.UNFINISHED: "it was started, and AWS does not answer any more how it is going",
            ExitCode.STOPPED: "stopped watching; the deployment goes on",
        }
    )
}
"""

_CLIENT: Final = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 4})
_ONCE: Final = Config(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 1})


def deploy(
    function: Annotated[str, from_stack("filesAggregatorFunction")],
    despite_alarms: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--despite-alarms", help="Start although an alarm is on; no alarm rolls this one back.")
    ] = False,
    poll: Annotated[
        float, typer.Option(envvar="BALER_POLL", metavar="SECONDS", min=0.1, help="Time between queries.")
    ] = 5.0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line instead of text.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Shift the function to the version that `pulumi up` has published, as the stack's setting rollout says.

    CodeDeploy gives the new version a tenth of the batches, then all of them, and rolls it back if an alarm fires
    meanwhile. A deployment that is under way is followed. Ctrl-C leaves it running.
    """
    report = stdout_reporter(as_json=as_json)
    try:
        with Shutdown() as shutdown, _spinner(shown=not as_json):
            code = _open(function, shutdown, report, poll).run(heed_alarms=not despite_alarms)
    except Stopping:
        code = ExitCode.STOPPED
    except LostError as error:
        report(failure(str(error)))
        code = ExitCode.UNFINISHED
    except (NotStartedError, ClientError, BotoCoreError, ValueError) as error:
        message = f"Not started. {_advised(error, function)}"
        if as_json:
            report(failure(message))
        typer.echo(printable(message), err=True)
        code = ExitCode.RETRY if passes(error) else ExitCode.CANNOT_PROCEED
    raise typer.Exit(code)


def _open(function: str, shutdown: Shutdown, report: Any, poll: float) -> Deploy:
    """Make the clients; endpoint, region and credentials are boto3's own settings."""
    # A service whose stubs are not installed makes client() return nothing that is known.
    session = aws_session()
    client = cast("Any", session).client
    deployments = Deployments(
        client("codedeploy", config=_CLIENT),
        client("codedeploy", config=_ONCE),
        client("cloudwatch", config=_CLIENT),
        function,
    )
    return Deploy(
        FunctionVersions(session.client("lambda", config=_CLIENT), function), deployments, shutdown, report, poll
    )


@contextmanager
def _spinner(*, shown: bool) -> Generator[None]:
    """Show on a terminal that there is nothing to do but wait."""
    console = Console(stderr=True)
    if not (shown and console.is_terminal):
        yield
        return
    with console.status("a canary takes about 15 minutes ...", spinner="line"):
        yield


def _advised(error: Exception, function: str) -> str:
    if isinstance(error, ClientError):
        return f"{error} (function {function!r}: check --function, AWS_REGION and the permissions of your role)"
    return str(error) if isinstance(error, NotStartedError) else check_settings(error)
