"""The command line of `baler deploy`: a function's name in, a shifted alias out."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import boto3
import typer
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from baler.cli.report import Trouble, printable, stdout_reporter
from baler.cli.shutdown import Shutdown, Stopping
from baler.commands.deploy.deployments import Deployments
from baler.commands.deploy.service import Deploy, ExitCode, LostError, NotStartedError
from baler.commands.deploy.versions import Versions

if TYPE_CHECKING:
    from collections.abc import Generator

EPILOG: Final = """
**Examples** (with BALER_AGGREGATOR_FUNCTION set)

After `pulumi up` has published a version:

    baler deploy

The new version is the repair of what the alarms are about:

    baler deploy --despite-alarms

**Exit codes**

0 the newest version gets every batch · 1 it was taken back, or failed · 2 it was not started; or wrong command line ·
3 it was started, and AWS does not tell any more how it is going · 130 stopped watching; the deployment goes on
"""

_CLIENT: Final = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 4})
_ONCE: Final = Config(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 1})


def deploy(
    function: Annotated[
        str,
        typer.Option(
            envvar="BALER_AGGREGATOR_FUNCTION", metavar="NAME", help="The stack's output filesAggregatorFunction."
        ),
    ],
    despite_alarms: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--despite-alarms", help="Start although an alarm is on; no alarm takes this one back.")
    ] = False,
    poll: Annotated[float, typer.Option(metavar="SECONDS", min=0.1, help="Time between looks.")] = 5.0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line instead of text.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Shift the function to the version that `pulumi up` has published, as the stack's setting rollout says.

    CodeDeploy gives the new version a tenth of the batches, then all of them, and takes it back if an alarm goes on
    meanwhile. Where a deployment is under way, it is followed. Ctrl-C leaves it running.
    """
    report = stdout_reporter(as_json=as_json)
    try:
        with Shutdown() as shutdown, _spinner(shown=not as_json):
            code = _open(function, shutdown, report, poll).run(heed_alarms=not despite_alarms)
    except Stopping:
        code = ExitCode.STOPPED
    except LostError as error:
        report(Trouble(str(error)))
        code = ExitCode.LOST
    except (NotStartedError, ClientError, BotoCoreError, ValueError) as error:
        message = f"Not started. {_advised(error, function)}"
        if as_json:
            report(Trouble(message))
        typer.echo(printable(message), err=True)
        code = ExitCode.NOT_STARTED
    raise typer.Exit(code)


def _open(function: str, shutdown: Shutdown, report: Any, poll: float) -> Deploy:
    """Make the clients; endpoint, region and credentials are boto3's own settings."""
    # A service whose stubs are not installed makes client() return nothing that is known.
    client = cast("Any", boto3).client
    deployments = Deployments(
        client("codedeploy", config=_CLIENT),
        client("codedeploy", config=_ONCE),
        client("cloudwatch", config=_CLIENT),
        function,
    )
    return Deploy(Versions(boto3.client("lambda", config=_CLIENT), function), deployments, shutdown, report, poll)


@contextmanager
def _spinner(*, shown: bool) -> Generator[None]:
    """Show on a terminal that there is nothing to do but wait."""
    console = Console(stderr=True)
    if not (shown and console.is_terminal):
        yield
        return
    with console.status("a canary takes about 15 minutes …"):
        yield


def _advised(error: Exception, function: str) -> str:
    if isinstance(error, ClientError):
        return f"{error} (function {function!r}: check --function, AWS_REGION and the permissions of your role)"
    if isinstance(error, BotoCoreError):
        return f"{error}: check AWS_PROFILE (or the keys of AWS), AWS_REGION and AWS_ENDPOINT_URL."
    return str(error)
