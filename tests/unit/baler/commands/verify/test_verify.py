"""`baler verify`: silent where all is well, and each kind of tampering told by its name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from harness.archive import ARCHIVE, ArchiveSite, run

from baler.cli.exit_codes import ExitCode
from baler.commands.verify.sample import in_sample, share_of
from baler.files.bundle.ids import bundle_key, manifest_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.archive_fixtures import Baler

MORNING = datetime(2026, 11, 20, 9, tzinfo=UTC)
DAYS = ("--from", "2026-11-20", "--to", "2026-11-21")
FIRST_PAGE = "register/2026/11/20/000001.jsonl.gz"


@pytest.fixture
def bundles(site: ArchiveSite) -> list[str]:
    ids = [
        site.archive(MORNING + timedelta(hours=hours), [(f"k{hours}", b"12345"), ("both", b"1")])
        for hours in (0, 1, 2, 20)
    ]
    site.register(MORNING + timedelta(days=2))
    return ids


def told(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event for event in events if event["event"] == kind]


def test_an_archive_that_is_intact_is_compared_whole(bundles: list[str], baler: Baler) -> None:
    code, events = baler("verify", *DAYS)
    assert code == 0
    assert [(day["day"], day["pages"], day["bundles"], day["files"]) for day in told(events, "day")] == [
        ("2026-11-20", 3, 3, 6),
        ("2026-11-21", 1, 1, 2),
    ]
    assert told(events, "verified") == [events[-1]]
    assert (events[-1]["bundles"], events[-1]["faults"], len(bundles)) == (4, 0, 4)


def test_a_sample_of_all_is_read_to_the_last_byte(bundles: list[str], baler: Baler) -> None:
    code, events = baler("verify", *DAYS, "--sample", "100%")
    assert code == 0
    assert sorted(event["bundle_id"] for event in told(events, "proven")) == bundles
    (sample,) = told(events, "sample")
    assert (sample["bundles"], sample["restores"], sample["total_usd"]) == (4, 0, 0)


def put(site: ArchiveSite, key: str, change: Callable[[bytes], bytes], **metadata: str) -> None:
    found = site.client.get_object(Bucket=ARCHIVE, Key=key)
    body = change(found["Body"].read())
    site.client.put_object(Bucket=ARCHIVE, Key=key, Body=body, Metadata={**found["Metadata"], **metadata})


def delete(site: ArchiveSite, key: str) -> None:
    site.client.delete_object(Bucket=ARCHIVE, Key=key)


def test_a_manifest_without_a_byte_spoils_no_page(site: ArchiveSite, baler: Baler) -> None:
    ids = [site.archive(MORNING + timedelta(minutes=minutes), [(f"k{minutes}", b"1")]) for minutes in (0, 1)]
    site.client.put_object(Bucket=ARCHIVE, Key=manifest_key(ids[0]), Body=b"")
    for hours in (2, 3):
        site.register(MORNING + timedelta(hours=hours))
    assert site.pages() == [FIRST_PAGE]
    code, events = baler("verify", *DAYS)
    assert code == ExitCode.NEEDS_ATTENTION
    assert [(fault["fault"], fault["bundle_id"]) for fault in told(events, "fault")] == [("manifest-exchanged", ids[0])]


TAMPERS: dict[str, Callable[[ArchiveSite, str], None]] = {
    "removed": lambda site, bundle_id: delete(site, bundle_key(bundle_id)),
    "exchanged": lambda site, bundle_id: put(site, bundle_key(bundle_id), lambda body: body[:-1] + b"!"),
    "no-manifest": lambda site, bundle_id: delete(site, manifest_key(bundle_id)),
    "manifest-exchanged": lambda site, bundle_id: put(site, manifest_key(bundle_id), lambda body: body + b"!"),
}


@pytest.mark.parametrize(("kind", "tamper"), TAMPERS.items(), ids=TAMPERS.keys())
def test_what_was_done_to_a_bundle_is_told_by_its_name(
    site: ArchiveSite, bundles: list[str], baler: Baler, kind: str, tamper: Callable[[ArchiveSite, str], None]
) -> None:
    tamper(site, bundles[1])
    code, events = baler("verify", *DAYS)
    assert code == 3
    assert [(fault["fault"], fault["bundle_id"]) for fault in told(events, "fault")] == [(kind, bundles[1])]


def test_a_bundle_that_was_slipped_in_is_told_and_one_that_is_young_is_not(
    site: ArchiveSite, bundles: list[str], baler: Baler
) -> None:
    stranger = site.archive(MORNING + timedelta(minutes=1), [("k", b"1")])
    _, events = baler("verify", *DAYS)
    assert [(fault["fault"], fault["bundle_id"]) for fault in told(events, "fault")] == [("unregistered", stranger)]
    assert stranger not in bundles

    now = datetime.now(UTC)
    site.archive(now, [("k", b"1")])
    code, events = baler("verify", "--from", f"{now:%Y-%m-%d}")
    assert (code, told(events, "day")[0]["pending"]) == (0, 1)


def other_page(site: ArchiveSite) -> bytes:
    return site.client.get_object(Bucket=ARCHIVE, Key="register/2026/11/21/000001.jsonl.gz")["Body"].read()


ON_PAGES: dict[str, Callable[[ArchiveSite], None]] = {
    "removed": lambda site: delete(site, FIRST_PAGE),
    # Which the next day follows.
    "the last removed": lambda site: delete(site, "register/2026/11/20/000003.jsonl.gz"),
    "its files garbled": lambda site: put(site, FIRST_PAGE, lambda body: body[:-10] + b"something "),
    "empty": lambda site: put(site, FIRST_PAGE, lambda _: b""),
    "another day's": lambda site: put(site, FIRST_PAGE, lambda _: other_page(site)),
}


@pytest.mark.parametrize("tamper", ON_PAGES.values(), ids=ON_PAGES.keys())
@pytest.mark.usefixtures("bundles")
def test_what_was_done_to_the_register_is_told(
    site: ArchiveSite, baler: Baler, tamper: Callable[[ArchiveSite], None]
) -> None:
    tamper(site)
    code, events = baler("verify", *DAYS)
    assert code == 3
    assert "page" in {fault["fault"] for fault in told(events, "fault")}


def test_a_seal_that_an_auditor_kept_tells_that_even_the_last_page_was_made_anew(
    site: ArchiveSite, bundles: list[str], baler: Baler
) -> None:
    _, events = baler("verify", *DAYS)
    seal = told(events, "day")[-1]["seal"]
    assert baler("verify", *DAYS, "--seal", seal)[0] == 0

    # Whoever may do everything removes the last bundle and lets the register be written again.
    for key in (bundle_key(bundles[-1]), manifest_key(bundles[-1]), "register/2026/11/21/000001.jsonl.gz"):
        delete(site, key)
    assert baler("verify", *DAYS)[0] == 0
    code, events = baler("verify", *DAYS, "--seal", seal)
    assert (code, told(events, "fault")[0]["fault"]) == (3, "page")


def test_bytes_that_changed_under_the_same_name_and_tag_are_found_by_the_sample(
    site: ArchiveSite, bundles: list[str], baler: Baler, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(site, bundle_key(bundles[1]), lambda body: body[:-9] + b"damaged!!")

    # As a store that damages bytes would do, whose listing says what it always said.
    def nothing(*_: object) -> None: ...

    monkeypatch.setattr("baler.files.register.verification._compare", nothing)
    assert baler("verify", *DAYS)[0] == 0
    code, events = baler("verify", *DAYS, "--sample", "100%")
    assert code == 3
    assert [(fault["fault"], fault["bundle_id"]) for fault in told(events, "fault")] == [("damaged", bundles[1])]


def test_what_is_in_deep_archive_has_its_price_first_and_is_asked_for_only_on_demand(
    site: ArchiveSite, bundles: list[str], baler: Baler
) -> None:
    site.sink(bundles[0])
    code, events = baler("verify", *DAYS, "--sample", "100%")
    assert code == 6
    kinds = [event["event"] for event in events]
    assert kinds.index("sample") < kinds.index("asleep")
    sample, asleep = told(events, "sample")[0], told(events, "asleep")[0]
    assert (sample["restores"], asleep["bundle_id"], asleep["requested"]) == (1, bundles[0], False)
    assert sample["total_usd"] > 0

    again = ("verify", *DAYS, "--sample", "100%", "--seed", sample["seed"], "--restore")
    code, events = baler(*again)
    assert (code, told(events, "asleep")[0]["requested"]) == (5, True)
    code, events = baler(*again)
    assert (code, len(told(events, "proven"))) == (0, 4)


def test_a_sample_is_the_same_for_the_same_seed_and_as_large_as_was_asked() -> None:
    ids = [f"20261120T{number:09d}Z-0123456789abcdef" for number in range(20_000)]
    chosen = [bundle_id for bundle_id in ids if in_sample(bundle_id, 0.05, "a seed")]
    assert 900 < len(chosen) < 1_100
    assert chosen == [bundle_id for bundle_id in ids if in_sample(bundle_id, 0.05, "a seed")]
    assert chosen != [bundle_id for bundle_id in ids if in_sample(bundle_id, 0.05, "another")]
    assert [in_sample(ids[0], share, "") for share in (0.0, 1.0)] == [False, True]


@pytest.mark.parametrize(("text", "share"), [("5%", 0.05), ("0.1 %", 0.001), ("100%", 1.0), ("0%", 0.0)])
def test_a_share_is_a_number_and_a_per_cent_sign(text: str, share: float) -> None:
    assert share_of(text) == pytest.approx(share)


@pytest.mark.parametrize("arguments", [("--sample", "5"), ("--sample", "101%"), ("--from", "yesterday"), ("--to", "1")])
def test_what_is_no_share_and_no_day_is_refused(arguments: tuple[str, ...]) -> None:
    assert run("verify", *arguments).exit_code == 2
