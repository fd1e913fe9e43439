"""What `baler deploy` reports."""

from __future__ import annotations

from baler.cli.report import Event


def nothing_to_do(version: str, why: str) -> Event:
    """The alias needs no shifting."""
    return Event("nothing", "green", f"the alias runs version {version}: {why}", {"version": version, "why": why})


def begun(deployment_id: str, version: str, target: str | None) -> Event:
    """A deployment is under way; `target` is None where somebody else started it."""
    text = f"{deployment_id} shifts version {version} to version {target}"
    if target is None:
        text = f"following {deployment_id}, which was under way already"
    return Event("begun", "bold", text, {"deployment_id": deployment_id, "version": version, "target": target})


def share_changed(version: str, percent: float) -> Event:
    """The share of the batches that a version gets has changed."""
    text = f"version {version} gets {percent:g}% of the batches"
    return Event("shift", "cyan", text, {"version": version, "percent": percent})


def shifted(deployment_id: str, version: str) -> Event:
    """The deployment ended well."""
    text = f"{deployment_id} is done: version {version} gets every batch"
    return Event("shifted", "green", text, {"deployment_id": deployment_id, "version": version})


def rolled_back(deployment_id: str, version: str, reason: str, *, split: bool) -> Event:
    """The deployment ended otherwise; `split`: the alias still gives the new version a share."""
    gets = "NOT yet every batch" if split else "every batch"
    return Event(
        "back",
        "bold red",
        f"{deployment_id} did not succeed, and version {version} gets {gets}: {reason}. "
        "See docs/runbooks/rolled-back.md",
        {"deployment_id": deployment_id, "version": version, "reason": reason, "split": split},
    )


def left(deployment_id: str) -> Event:
    """The deployment goes on, and nobody watches it here."""
    text = (
        f"{deployment_id} goes on without being watched here. To follow it, run baler deploy again; to roll it back: "
        f"aws deploy stop-deployment --deployment-id {deployment_id} --auto-rollback-enabled"
    )
    return Event("left", "yellow", text, {"deployment_id": deployment_id})
