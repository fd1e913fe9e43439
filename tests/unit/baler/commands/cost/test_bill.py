"""The bill follows the settings, the traffic, and what the program really declares."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from harness.recorded_program import HTTP, record_program

from baler.commands.cost import courier, network, reconciliation, registrar, storage, watching
from baler.commands.cost.bill import BillPart
from baler.commands.cost.figures import figures
from baler.commands.cost.monthly import Month, monthly_bill
from baler.commands.cost.traffic import DAYS_PER_MONTH, SECONDS_PER_MONTH
from baler.prices import GIGABYTE, price
from components.files import timing
from runtime.files.mailbox_monitor.mailbox_stats import PAGES_MAX

if TYPE_CHECKING:
    from baler.commands.cost.bill import Line
    from baler.commands.cost.settings import StackSettings
    from baler.commands.cost.traffic import Profile


def bill(profile: Profile, settings: StackSettings, **changed: object) -> Month:
    return monthly_bill(profile, settings.model_copy(update=changed), figures())


# Bytes of a file whose bundles are worth their move.
LARGE = 25_000.0


def the(month: Month, part: BillPart, item: str) -> Line:
    (found,) = (line for line in month.bill.lines if (line.part, line.item) == (part, item))
    return found


# --- traffic


# Not the parts that are paid by the bundle: a batch that takes a little longer is a little fuller, and so one of fewer.
@pytest.mark.parametrize(
    "part",
    [BillPart.LANDING, BillPart.QUEUE, BillPart.FUNCTIONS, BillPart.CLAIMS, BillPart.NETWORK, BillPart.TRANSFER, None],
    ids=lambda part: part or "the whole",
)
def test_more_files_never_cost_less(profile: Profile, settings: StackSettings, part: BillPart | None) -> None:
    months = [
        bill(replace(profile, files_per_second=rate), settings, on_premises_cidrs=("192.0.2.0/24",))
        for rate in (0, 0.01, 0.1, 1, 3, 10, 30, 100, 300, 1000, 10_000)
    ]
    costs = [month.bill.usd if part is None else month.bill.of(part) for month in months]
    # Receives of nothing get fewer when files begin to come.
    assert all(more >= less or (part is BillPart.QUEUE and less < 1) for less, more in pairwise(costs))


def test_a_stack_without_files_costs_what_stands_there(profile: Profile, settings: StackSettings) -> None:
    month = bill(replace(profile, files_per_second=0), settings, maximum_concurrency=10)

    assert month.bill.of(BillPart.CLAIMS) == month.bill.of(BillPart.TRANSFER) == 0
    # A page a day, which says that nothing landed.
    assert month.bill.of(BillPart.LANDING) == the(month, BillPart.LANDING, "listed by reconciliation").usd < 0.001
    assert month.bill.of(BillPart.NETWORK) > 0
    # Five readers look every twenty seconds.
    assert the(month, BillPart.QUEUE, "receives of nothing").quantity == pytest.approx(5 * SECONDS_PER_MONTH / 20)


def test_every_file_is_put_read_announced_and_claimed(profile: Profile, settings: StackSettings) -> None:
    month = bill(profile, settings)

    files = 10 * SECONDS_PER_MONTH
    assert the(month, BillPart.LANDING, "files put").usd == pytest.approx(files * price("s3_put").usd / 1000)
    assert the(month, BillPart.LANDING, "files read").quantity == files
    assert the(month, BillPart.QUEUE, "events sent by S3").quantity == files
    assert the(month, BillPart.CLAIMS, "claims and records").quantity == pytest.approx(files + month.traffic.bundles)


def test_readers_share_a_quiet_queue_and_so_make_small_bundles(profile: Profile, settings: StackSettings) -> None:
    five, two = (bill(profile, settings, maximum_concurrency=most) for most in (10, 2))

    # 10 files/s for 10 s, over five or two readers.
    assert 20 < five.traffic.batch_files < 25
    assert 50 < two.traffic.batch_files < 56
    assert two.bill.of(BillPart.ARCHIVE) < five.bill.of(BillPart.ARCHIVE)


def test_batches_are_never_fuller_than_their_size(profile: Profile, settings: StackSettings) -> None:
    assert bill(replace(profile, files_per_second=5000), settings).traffic.batch_files == settings.batch_size


def test_large_files_make_several_bundles_of_a_batch(profile: Profile, settings: StackSettings) -> None:
    month = bill(replace(profile, files_per_second=1000, file_bytes=10e6), settings)

    assert month.traffic.bundles > month.traffic.batches
    assert month.traffic.bundle_bytes * profile.compression_ratio <= settings.max_bundle_megabytes * 2**20 * 1.001


# --- what is kept


def test_a_file_is_kept_for_its_retention_and_up_to_midnight_twice(profile: Profile, settings: StackSettings) -> None:
    month = bill(profile, settings, landing_retention_days=30)

    days = (
        the(month, BillPart.LANDING, "files kept").quantity * GIGABYTE / (month.traffic.files / DAYS_PER_MONTH * 2000)
    )
    assert 30 <= days <= 32


def test_a_claim_is_kept_as_long_as_the_program_lets_it_live(profile: Profile, settings: StackSettings) -> None:
    month = bill(profile, settings, landing_retention_days=30)

    items = (month.traffic.files + month.traffic.bundles) / DAYS_PER_MONTH
    days = the(month, BillPart.CLAIMS, "kept").quantity * GIGABYTE / (items * figures().assumed.claim_bytes)
    assert days == pytest.approx(timing.claim_lifetime_days(landing_retention=30, dead_letter_retention=14) + 2)


def test_nothing_is_in_deep_archive_before_its_time(profile: Profile, settings: StackSettings) -> None:
    month = bill(replace(profile, file_bytes=LARGE, archive_months=0.5), settings)

    assert the(month, BillPart.ARCHIVE, "moves to Deep Archive").quantity == 0
    assert the(month, BillPart.ARCHIVE, "bundles in Deep Archive").quantity == 0
    assert the(month, BillPart.ARCHIVE, "bundles before their move").quantity > 0


def test_an_archived_bundle_takes_40_kilobytes_beside_its_bytes(profile: Profile, settings: StackSettings) -> None:
    month = bill(replace(profile, file_bytes=LARGE), settings)

    asleep = the(month, BillPart.ARCHIVE, "bundles in Deep Archive").quantity * GIGABYTE / month.traffic.bundle_bytes
    cheap = the(month, BillPart.ARCHIVE, "overhead, 32 KB each")
    dear = the(month, BillPart.ARCHIVE, "overhead, 8 KB each")
    assert (cheap.quantity + dear.quantity) * GIGABYTE == pytest.approx(asleep * 40 * 1024)
    assert (cheap.price, dear.price) == (price("deep_archive"), price("s3_standard"))


def test_bundles_too_small_to_pay_for_their_move_stay_unless_all_are_to_move(
    profile: Profile, settings: StackSettings
) -> None:
    kept, moved = bill(profile, settings), bill(profile, settings, transition_small_bundles=True)

    assert the(kept, BillPart.ARCHIVE, "moves to Deep Archive").quantity == 0
    stored = the(kept, BillPart.ARCHIVE, "bundles, too small to move").quantity * GIGABYTE
    assert stored == pytest.approx(12 * kept.traffic.bundles * kept.traffic.bundle_bytes)
    assert the(moved, BillPart.ARCHIVE, "moves to Deep Archive").quantity == moved.traffic.bundles
    assert kept.bill.usd < moved.bill.usd


def test_the_archive_grows_by_the_month(profile: Profile, settings: StackSettings) -> None:
    large = replace(profile, file_bytes=LARGE)
    year, decade = bill(large, settings), bill(replace(large, archive_months=120), settings)

    ratio = (
        the(decade, BillPart.ARCHIVE, "bundles in Deep Archive").quantity
        / the(year, BillPart.ARCHIVE, "bundles in Deep Archive").quantity
    )
    assert 10 < ratio < 11


def test_bundles_that_wait_for_the_consumer_are_paid(profile: Profile, settings: StackSettings) -> None:
    away = bill(replace(profile, consumer_delay_seconds=SECONDS_PER_MONTH), settings)

    assert the(away, BillPart.MAILBOX, "bundles waiting").quantity == pytest.approx(
        away.traffic.bundles * away.traffic.bundle_bytes / GIGABYTE
    )
    # A look lists all that wait, a thousand a request.
    assert the(away, BillPart.MAILBOX, "listings by the consumer").quantity > 500_000 * away.traffic.bundles / 1001
    # The monitor stops after so many pages, and takes longer for each.
    near = bill(profile, settings)
    for part, item in ((BillPart.MAILBOX, "listings by the monitor"), (BillPart.FUNCTIONS, "the monitor's memory")):
        assert the(away, part, item).quantity == pytest.approx(PAGES_MAX * the(near, part, item).quantity)


def test_reconciliation_lists_all_that_is_kept_and_looks_up_two_days(profile: Profile, settings: StackSettings) -> None:
    month = bill(profile, settings)

    kept = the(month, BillPart.LANDING, "files kept").quantity * GIGABYTE / 2000
    listed = the(month, BillPart.LANDING, "listed by reconciliation").quantity * 1000
    assert listed == pytest.approx(kept * DAYS_PER_MONTH, rel=0.001)
    looked_up = the(month, BillPart.CLAIMS, "read by reconciliation").quantity
    assert looked_up == 2 * (month.traffic.files + month.traffic.bundles)


# --- settings


def test_memory_and_processor_decide_the_price_of_a_run(profile: Profile, settings: StackSettings) -> None:
    small, large = (bill(profile, settings, function_memory_megabytes=memory) for memory in (128, 3538))

    assert large.traffic.batch_seconds < small.traffic.batch_seconds
    x86 = bill(profile, settings, function_architecture="x86_64")
    assert the(x86, BillPart.FUNCTIONS, "its memory").price == price("lambda_x86_64")


def test_only_disk_above_what_is_included_is_paid(profile: Profile, settings: StackSettings) -> None:
    assert the(bill(profile, settings, function_disk_megabytes=512), BillPart.FUNCTIONS, "its disk").usd == 0
    assert the(bill(profile, settings, function_disk_megabytes=1024), BillPart.FUNCTIONS, "its disk").usd > 0


def test_without_a_private_network_there_is_nothing_of_it_to_pay(profile: Profile, settings: StackSettings) -> None:
    month = bill(profile, settings, private_network=False)

    assert month.bill.of(BillPart.NETWORK) == 0
    assert the(month, BillPart.WATCHING, "flow log of the network").usd == 0


def test_who_reads_objects_is_recorded_and_paid_where_data_is_protected(
    profile: Profile, settings: StackSettings
) -> None:
    item = "accesses to objects recorded"
    month = bill(profile, settings, protect_data=True, access_log_days=365, maximum_concurrency=10)

    # Not the two events of each file, which would be ten times as many.
    assert 5 * month.traffic.bundles < the(month, BillPart.WATCHING, item).quantity < 6 * month.traffic.bundles
    assert the(month, BillPart.WATCHING, item).price == price("trail_event")
    for unrecorded in ({"protect_data": False}, {"protect_data": True, "access_log_days": 0}):
        assert the(bill(profile, settings, **unrecorded), BillPart.WATCHING, item).usd == 0


def test_each_zone_has_its_endpoints(profile: Profile, settings: StackSettings) -> None:
    three = bill(profile, settings, network_zones="abc", on_premises_cidrs=("192.0.2.0/24",))

    hours = sum(line.quantity for line in three.bill.lines if line.price == price("endpoint_hour"))
    assert hours == 5 * 3 * 730


@pytest.mark.parametrize(
    ("line", "item", "price_name"),
    [
        ({}, "bundles over the internet", "data_out"),
        ({"vpn_gateway_address": "192.0.2.1"}, "bundles over the VPN", "data_out"),
        ({"direct_connect_gateway_id": "1"}, "bundles over Direct Connect", "data_out_direct_connect"),
    ],
    ids=["none", "vpn", "direct connect"],
)
def test_what_leaves_is_priced_by_the_way_it_takes(
    profile: Profile, settings: StackSettings, line: dict[str, str], item: str, price_name: str
) -> None:
    month = bill(profile, settings, **line)

    assert the(month, BillPart.TRANSFER, item).price == price(price_name)
    assert any(one.item == "VPN" for one in month.bill.lines) == ("vpn_gateway_address" in line)


# --- a pushed delivery


@pytest.mark.requirement("PUSH-COST-01")
def test_a_courier_is_paid_for_where_one_delivers_and_the_consumer_is_not(
    profile: Profile, settings: StackSettings
) -> None:
    line = {"vpn_gateway_address": "192.0.2.1", "on_premises_cidrs": ("192.0.2.0/24",)}
    pulled, pushed = bill(profile, settings, **line), bill(profile, settings, delivery="http", **line)

    assert pulled.bill.of(BillPart.COURIER) == 0
    assert pushed.bill.of(BillPart.COURIER) > 1
    items = {each.item for each in pushed.bill.lines}
    assert not {item for item in items if "consumer" in item}
    assert not {each.item for each in pulled.bill.lines if "courier" in each.item}
    # Secrets Manager's in two zones, in the place of the consumer's two.
    assert the(pushed, BillPart.NETWORK, "endpoint of the courier").quantity == 2 * 730
    # The same bundles leave, by the same line.
    assert pushed.bill.of(BillPart.TRANSFER) == pulled.bill.of(BillPart.TRANSFER)


def test_the_courier_runs_at_each_bundle_and_each_minute(profile: Profile, settings: StackSettings) -> None:
    quiet = bill(replace(profile, files_per_second=0), settings, delivery="s3")
    busy = bill(profile, settings, delivery="s3")

    ticks = SECONDS_PER_MONTH / 60
    assert the(quiet, BillPart.COURIER, "invocations").quantity == ticks
    assert the(busy, BillPart.COURIER, "invocations").quantity == pytest.approx(ticks + busy.traffic.bundles)
    assert the(busy, BillPart.MAILBOX, "listings by the courier").quantity == pytest.approx(
        ticks + busy.traffic.bundles
    )
    assert the(quiet, BillPart.COURIER, "secret").quantity == 1


def test_receipts_are_kept_for_their_retention_and_no_longer(profile: Profile, settings: StackSettings) -> None:
    def kept(months: float) -> float:
        month = bill(replace(profile, archive_months=months), settings, delivery="http", receipt_retention_days=365)
        return the(month, BillPart.COURIER, "receipts kept").quantity

    assert kept(6) < kept(12) == pytest.approx(kept(24))


# --- the program


def test_the_bill_counts_what_the_program_declares() -> None:
    deployed = record_program(
        "prod", {"baler:onPremisesCidrs": ["192.0.2.0/24"], "baler:vpnGatewayAddress": "198.41.0.4"}
    )

    endpoints = [e for e in deployed.all("ec2/vpcEndpoint:VpcEndpoint") if e.inputs["vpcEndpointType"] == "Interface"]
    assert len(endpoints) == network.FUNCTION_ENDPOINTS + network.CONSUMER_ENDPOINTS
    assert {len(endpoint.inputs["subnetIds"]) for endpoint in endpoints} == {2}
    assert len(deployed.all("ec2/vpnConnection:VpnConnection")) == 1
    assert not deployed.all("ec2/natGateway:NatGateway")
    assert len(deployed.all("kms/key:Key")) == watching.KEYS
    monitor = deployed.one("lambda/function:Function", "files-mailbox-monitor")
    assert monitor.inputs["memorySize"] == figures().assumed.monitor_megabytes
    assert storage.MONITOR_PAGES == PAGES_MAX
    compared = deployed.one("lambda/function:Function", "files-reconciliation")
    assert compared.inputs["memorySize"] == figures().assumed.reconciliation_megabytes
    registered = deployed.one("lambda/function:Function", "files-registrar")
    assert registered.inputs["memorySize"] == figures().assumed.registrar_megabytes
    rule = deployed.one("cloudwatch/eventRule:EventRule", "files-registrar")
    assert rule.inputs["scheduleExpression"] == f"rate({registrar.RUN_SECONDS // 60} minutes)"
    rule = deployed.one("cloudwatch/eventRule:EventRule", "files-reconciliation")
    assert rule.inputs["scheduleExpression"] == f"rate({reconciliation.RUN_SECONDS // 60} minutes)"
    alarms = deployed.all("cloudwatch/metricAlarm:MetricAlarm")
    watched = sum(3 if alarm.inputs.get("thresholdMetricId") else 1 for alarm in alarms)
    assert watched == watching.ALARM_METRICS
    assert len(deployed.all("cloudwatch/compositeAlarm:CompositeAlarm")) == watching.COMPOSITE_ALARMS
    assert len(deployed.all("cloudwatch/dashboard:Dashboard")) == watching.DASHBOARDS


def test_the_bill_counts_what_the_program_declares_for_a_courier() -> None:
    pulled = record_program("prod")
    deployed = record_program("prod", HTTP)

    endpoints = [e for e in deployed.all("ec2/vpcEndpoint:VpcEndpoint") if e.inputs["vpcEndpointType"] == "Interface"]
    assert len(endpoints) == network.FUNCTION_ENDPOINTS + network.COURIER_ENDPOINTS
    alarms, before = (len(each.all("cloudwatch/metricAlarm:MetricAlarm")) for each in (deployed, pulled))
    assert alarms - before == watching.ALARM_METRICS_OF_COURIER
    assert len(deployed.all("secretsmanager/secret:Secret")) == 1
    rule = deployed.one("cloudwatch/eventRule:EventRule", "files-courier")
    assert rule.inputs["scheduleExpression"] == f"rate({courier.TICK_SECONDS // 60} minute)"
    assert len(deployed.all("kms/key:Key")) == watching.KEYS
