"""What is reported of a file: its story in the order of its way for people, one JSON object for programs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from rich.filesize import decimal

from baler.cli.report import printable, quantity
from baler.files.bundle.ids import creation_time
from baler.files.bundle.manifest import META_FILE_COUNT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baler.commands.find.storyteller import FileStory
    from baler.files.places.bundle_inspector import InspectedBundle
    from baler.files.story.evidence import InMailbox

_NO_TIME: Final = " " * len("2026-11-26 20:01:02.345")


class Step(NamedTuple):
    """A step of the way: what, when, and what is known of it."""

    name: str
    at: datetime | str | None
    text: str


def text(story: FileStory) -> str:
    """Return a story for people, of several lines."""
    version = "" if story.subject.version_id is None else f"  version {story.subject.version_id}"
    lines = [printable(f"{story.subject.key}{version}  {story.state}")]
    lines += [printable(f"  {step.name:<10} {_moment(step.at)}  {step.text}") for step in _steps(story)]
    lines.append(f"  {story.state.meaning}")
    if story.state.action != "Nothing.":
        lines.append(f"  hint: {story.state.action}")
    return "\n".join(lines)


def document(story: FileStory) -> dict[str, Any]:
    """Return a story for programs. Times are ISO 8601, UTC; null is what is not, or is not known."""
    landed, claim = story.subject.landed, story.evidence.claim
    return {
        "key": story.subject.key,
        "version_id": story.subject.version_id,
        "is_current": story.subject.is_current,
        "state": story.state,
        "standing": story.state.standing.value,
        "meaning": story.state.meaning,
        "action": story.state.action,
        "landed_at": None if landed is None else _iso(landed.event_time),
        "size": None if landed is None else landed.size,
        "etag": None if landed is None else landed.etag,
        "claimed_at": None if claim is None else _iso(creation_time(claim.bundle_id)),
        "lease_until": None if claim is None else claim.lease_until,
        "dead_letter": story.evidence.dead_letter,
        "bundles": [_bundle_document(bundle) for bundle in story.bundles],
    }


def _steps(story: FileStory) -> Iterator[Step]:
    yield _landed(story)
    claim = story.evidence.claim
    if claim is not None:
        yield Step("claimed", creation_time(claim.bundle_id), f"for bundle {claim.bundle_id}")
    elif not story.bundles:
        yield Step("claimed", None, "by nobody")
    for bundle in story.bundles:
        yield from _bundle_steps(bundle)
    if story.evidence.dead_letter is not None:
        yield Step("dead", None, f"its message is a dead letter: {story.evidence.dead_letter}")


def _landed(story: FileStory) -> Step:
    landed = story.subject.landed
    if landed is not None:
        current = ", the current version" if story.subject.is_current else ""
        return Step("landed", landed.event_time, f"{decimal(landed.size)}{current}")
    listed = next((bundle.listed for bundle in story.bundles if bundle.listed is not None), None)
    when = None if listed is None else listed.event_time.replace("T", " ").removesuffix("Z")
    size = "" if listed is None else f"{decimal(listed.size)}, "
    return Step("landed", when, f"{size}gone from the landing bucket, which keeps files for some days")


def _bundle_steps(bundle: InspectedBundle) -> Iterator[Step]:
    delivery = bundle.holding.delivery
    if bundle.archived is None:
        yield Step("archived", None, f"no: the archive has no bundle {bundle.holding.bundle_id}")
    else:
        files = bundle.archived.metadata.get(META_FILE_COUNT, "?")
        size = decimal(bundle.archived.size)
        what = f"{bundle.holding.bundle_id}, {files} files, {size}, {bundle.archived.availability}"
        yield Step("archived", None, what)
        if bundle.unreadable:
            yield Step("manifest", None, bundle.unreadable)
        elif bundle.listed is None:
            yield Step("manifest", None, "does not list the file")
        else:
            yield Step("manifest", None, f"lists it, SHA-256 {bundle.listed.sha256}")
    if delivery.mailbox is not None:
        yield Step("mailbox", delivery.mailbox.since, "waits there")
    elif delivery.quarantine is None and delivery.committed is not None:
        yield Step("mailbox", None, "not there" if delivery.committed == "archived" else "was there, and is gone")
    if delivery.quarantine is not None:
        yield Step("set aside", delivery.quarantine.since, delivery.quarantine.refusal or "why is not noted")
    yield from _receiver_steps(bundle)


def _receiver_steps(bundle: InspectedBundle) -> Iterator[Step]:
    record, ledger = bundle.holding.delivery.record, bundle.holding.delivery.ledger
    if record is not None and record.is_receipt:
        tries = f"at the {record.attempts}. attempt" if record.attempts > 1 else "at the first attempt"
        at = _from_seconds(record.delivered_at)
        yield Step("delivered", at, f"acknowledged with status {record.status}, {tries}")
    elif record is not None:
        yield Step("delivered", None, f"refused {quantity(record.attempts, 'time')}: {record.reason}")
    if ledger is not None:
        yield Step(
            "received",
            ledger.at,
            "in its place" if ledger.in_place else "its bundle is unpacked, and it moves into place",
        )


def _bundle_document(bundle: InspectedBundle) -> dict[str, Any]:
    delivery = bundle.holding.delivery
    mailbox, quarantine, record, ledger = delivery.mailbox, delivery.quarantine, delivery.record, delivery.ledger
    receipt = record if record is not None and record.is_receipt else None
    return {
        "bundle_id": bundle.holding.bundle_id,
        "holds": bundle.holding.holds.value,
        "archived": bundle.archived is not None,
        "bytes": None if bundle.archived is None else bundle.archived.size,
        "availability": None if bundle.archived is None else bundle.archived.availability,
        "sha256_of_file": None if bundle.listed is None else bundle.listed.sha256,
        "manifest_unreadable": bundle.unreadable or None,
        "committed": delivery.committed,
        "in_mailbox_since": _since(mailbox),
        "set_aside_since": _since(quarantine),
        "refusal": None if quarantine is None else quarantine.refusal,
        "attempts": None if record is None else record.attempts,
        "last_refusal": None if record is None else record.reason or None,
        "delivered_at": None if receipt is None else _iso(_from_seconds(receipt.delivered_at)),
        "status": None if receipt is None else receipt.status,
        "received_at": None if ledger is None or ledger.at is None else _iso(ledger.at),
    }


def _since(found: InMailbox | None) -> str | None:
    return None if found is None or found.since is None else _iso(found.since)


def _from_seconds(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _moment(at: datetime | str | None) -> str:
    if at is None:
        return _NO_TIME
    if isinstance(at, str):
        return f"{at:<{len(_NO_TIME)}}"
    return at.astimezone(UTC).isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00")
