"""One run of `baler deploy`: start a deployment or find the one that runs, and watch it to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from baler.cli.exit_codes import ExitCode
from baler.cli.shutdown import Stopping
from baler.commands.deploy.report import begun, left, nothing_to_do, rolled_back, share_changed, shifted

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.cli.report import Event
    from baler.cli.shutdown import Shutdown
    from baler.commands.deploy.deployments import Deployment, Deployments
    from baler.commands.deploy.versions import Alias, FunctionVersions


_TRIES_TO_FIND_THE_ROLLBACK: Final = 24


class NotStartedError(Exception):
    """The deployment must not be started; the message says why and what to do."""


class LostError(Exception):
    """A deployment goes on, and AWS does not answer any more."""


class Deploy:
    """One run.

    Args:
        versions: of the function.
        deployments: of the function.
        shutdown: how it is stopped.
        report: gets every event.
        poll_seconds: time between queries.
    """

    def __init__(
        self,
        versions: FunctionVersions,
        deployments: Deployments,
        shutdown: Shutdown,
        report: Callable[[Event], None],
        poll_seconds: float,
    ) -> None:
        self._versions = versions
        self._deployments = deployments
        self._shutdown = shutdown
        self._report = report
        self._poll_seconds = poll_seconds

    def run(self, *, heed_alarms: bool) -> ExitCode:
        """Shift the alias to the newest version.

        Raises:
            NotStartedError: an alarm is on that would roll the version back.
            LostError: it was started, and cannot be watched.
            ClientError, BotoCoreError: AWS refused, or did not answer, before anything was started.
        """
        alias = self._versions.alias()
        alarms = self._deployments.alarms()
        if alarms is None:
            why = "this stack is rolled out at once (baler:rollout), by pulumi up alone"
            self._report(nothing_to_do(alias.version, why))
            return ExitCode.OK
        if (running := self._deployments.running()) is not None:
            self._report(begun(running, alias.version, None))
            return self._follow(running)
        target = self._versions.newest()
        if target == alias.version and not alias.shares:
            self._report(nothing_to_do(alias.version, "the newest that pulumi up has published"))
            return ExitCode.OK
        if heed_alarms and (on := self._deployments.on(alarms)):
            raise NotStartedError(
                f"{', '.join(on)}: on, so CodeDeploy would roll the new version back at once. Wait until they are off; "
                "or, if the new version is the repair, run baler deploy --despite-alarms."
            )
        deployment_id = self._deployments.start(alias.version, target, heed_alarms=heed_alarms)
        self._report(begun(deployment_id, alias.version, target))
        return self._follow(deployment_id)

    def _follow(self, deployment_id: str) -> ExitCode:
        """Watch a deployment, and its rollback if it comes to that."""
        try:
            ended = self._watch(deployment_id)
            if not ended.succeeded:
                self._wait_for_rollback(deployment_id)
            alias = self._versions.alias()
        except Stopping:
            self._report(left(deployment_id))
            return ExitCode.STOPPED
        except (ClientError, BotoCoreError) as error:
            self._report(left(deployment_id))
            raise LostError(f"AWS does not answer any more how {deployment_id} is going: {error}") from error
        if ended.succeeded and not ended.is_rollback:
            self._report(shifted(deployment_id, alias.version))
            return ExitCode.OK
        reason = "it rolled another one back" if ended.is_rollback and ended.succeeded else ended.reason
        self._report(rolled_back(deployment_id, alias.version, reason, split=bool(alias.shares)))
        return ExitCode.NEEDS_ATTENTION

    def _wait_for_rollback(self, deployment_id: str) -> None:
        """Wait for the deployment that rolls one back; CodeDeploy starts it a little after the other has ended."""
        for _ in range(_TRIES_TO_FIND_THE_ROLLBACK):
            if (rollback_id := self._deployments.describe(deployment_id).rollback_id) is not None:
                self._watch(rollback_id)
                return
            if not self._versions.alias().shares:
                return
            self._shutdown.wait(self._poll_seconds)

    def _watch(self, deployment_id: str) -> Deployment:
        """Return the deployment once it has ended; report each change of what the alias runs."""
        seen: Alias | None = None
        while (found := self._deployments.describe(deployment_id)).running:
            alias = self._versions.alias()
            if alias != seen:
                for version, share in alias.shares.items():
                    self._report(share_changed(version, share * 100))
                seen = alias
            self._shutdown.wait(self._poll_seconds)
        return found
