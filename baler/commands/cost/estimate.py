"""The estimates of requirement documents 1 and 2, section 7, line by line, beside ours for what they describe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.commands.cost.bill import BillPart
from baler.commands.cost.monthly import monthly_bill
from baler.commands.cost.traffic import Profile
from baler.prices import price_list

if TYPE_CHECKING:
    from enum import StrEnum

    from baler.commands.cost.figures import Figures
    from baler.commands.cost.settings import StackSettings

# What both describe: 10 files a second, and 650 GB in a month's 26 million files. Their bundles hold JSON lines
# of that size, which pack better than small ones (measured: 3.3 in bundles of 22 files of 25 KB).
_FILES_PER_SECOND: Final = 10.0
_FILE_BYTES: Final = 25_000.0
_COMPRESSION_RATIO: Final = 3.3
# Both ask for a private line (NFR-10). The address is of the kind that is reserved for documents.
_WITH_VPN: Final = {
    "private_network": True,
    "vpn_gateway_address": "192.0.2.1",
    "direct_connect_gateway_id": "",
    "on_premises_cidrs": ("192.0.2.0/24",),
}
# A line within this of ours is as good as an estimate gets.
_NEAR: Final = 0.25


@dataclass(frozen=True, slots=True)
class EstimateLine:
    """A line of the document.

    Attributes:
        service: as it names it.
        low, high: a month, in the document's currency.
        parts: the parts of our bill that it stands for.
        reasons: what is wrong with it, and why.
    """

    service: str
    low: float
    high: float
    parts: tuple[StrEnum, ...]
    reasons: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """The table of a document.

    Attributes:
        document: its number.
        delivery: how it has bundles leave: a value of the setting filesDelivery.
        lines: of the table.
    """

    document: int
    delivery: str
    lines: tuple[EstimateLine, ...]


_LINES_OF_PULL: Final = (
    EstimateLine(
        "S3 (Landing)",
        120,
        120,
        (BillPart.LANDING,),
        "Near, by the puts alone. Its 26M deletes cost nothing, its 26M reads are missing, and files stay a day more.",
    ),
    EstimateLine(
        "S3 (Archive)",
        1,
        1,
        (BillPart.ARCHIVE,),
        "Not negligible: the move to Deep Archive is paid by the bundle, not by the byte, and readers that share 10 "
        "files a second make far more bundles than its 263k, which take full batches of 100. Nothing is ever deleted, "
        "so its 55 GB are about a week, not the archive.",
    ),
    EstimateLine(
        "S3 (Distribution)",
        10,
        10,
        (BillPart.MAILBOX,),
        "Deletes cost nothing, and its 263k puts and gets would cost £1. What it leaves out makes up for most of that: "
        "more bundles, and the consumer's listings.",
    ),
    EstimateLine(
        "SQS",
        8,
        8,
        (BillPart.QUEUE,),
        "Counts the sends alone. Every message is also received and deleted, ten at once at best.",
    ),
    EstimateLine(
        "Lambda",
        3,
        3,
        (BillPart.FUNCTIONS,),
        "Near by luck: its own 1.2M GB-seconds cost £12 on Arm, and are more than the work takes. Its 263k invocations "
        "take full batches; each reader of the queue gathers a batch of its own.",
    ),
    EstimateLine(
        "DynamoDB",
        4,
        4,
        (BillPart.CLAIMS,),
        "26M conditional writes cost £12 at one a file, and what it describes, check and update, is two. Claims that "
        "are kept and recoverable are missing.",
    ),
    EstimateLine(
        "CloudWatch",
        12,
        12,
        (BillPart.WATCHING,),
        "One figure for all of it, so only the sum can be compared. Ours has the traces in it.",
    ),
    EstimateLine(
        "Network Solution",
        160,
        800,
        (BillPart.NETWORK,),
        "The gateway endpoint that it asks for cannot be reached from the premises: interface endpoints can, priced by "
        "hour and zone. A VPN connection is £27. Only a dedicated line explains £160 and more.",
    ),
    EstimateLine(
        "Data Transfer",
        24,
        24,
        (BillPart.TRANSFER,),
        "650 GB is the files; what leaves is bundles, about a third of it. But over a VPN a GB costs 9 cents, and 650 "
        "of them would be £43.",
    ),
)
_BY_SERVICE: Final = {line.service: line for line in _LINES_OF_PULL}
_LINES_OF_PUSH: Final = (
    _BY_SERVICE["S3 (Landing)"],
    _BY_SERVICE["S3 (Archive)"],
    EstimateLine(
        "SQS",
        8,
        8,
        (BillPart.QUEUE, BillPart.MAILBOX),
        "Counts the sends alone. Every message is also received and deleted, ten at once at best. What waits for the "
        "receiver waits in the mailbox here, which an outage of days does not empty: the rest of ours.",
    ),
    _BY_SERVICE["Lambda"],
    EstimateLine("DynamoDB (Idempotency)", 4, 4, (BillPart.CLAIMS,), _BY_SERVICE["DynamoDB"].reasons),
    EstimateLine(
        "DynamoDB (Circuit Breaker)",
        1,
        1,
        (BillPart.COURIER,),
        "The breaker's state alone is less than that. Ours is all of the courier: its runs, a lease that is proved "
        "before each step, a receipt of each bundle for years, and the secret, which is on no line of theirs.",
    ),
    _BY_SERVICE["CloudWatch"],
    EstimateLine(
        "Network Solution",
        160,
        800,
        (BillPart.NETWORK,),
        "Interface endpoints are priced by hour and zone, Secrets Manager's among them, and a VPN connection is £27. "
        "Only a dedicated line explains £160 and more.",
    ),
    _BY_SERVICE["Data Transfer"],
)

PULLED: Final = Estimate(1, "pull", _LINES_OF_PULL)
PUSHED: Final = Estimate(2, "http", _LINES_OF_PUSH)
ESTIMATES: Final = (PULLED, PUSHED)


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """A line of the document beside ours.

    Attributes:
        ours: a month, in the document's currency.
    """

    line: EstimateLine
    ours: float

    @property
    def verdict(self) -> str:
        """Whether the document's figure is near ours, or in which direction it is wrong."""
        if self.line.low > self.ours * (1 + _NEAR):
            return "too high"
        return "too low" if self.line.high < self.ours * (1 - _NEAR) else "near"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A document's table beside our bill."""

    estimate: Estimate
    lines: tuple[ComparedLine, ...]

    @property
    def total(self) -> ComparedLine:
        """The sum of all lines, as a line."""
        whole = EstimateLine(
            "Total",
            sum(one.line.low for one in self.lines),
            sum(one.line.high for one in self.lines),
            tuple(BillPart),
            "",
        )
        return ComparedLine(whole, sum(one.ours for one in self.lines))


def compare(estimate: Estimate, settings: StackSettings, figures: Figures, archive_months: float) -> Comparison:
    """Put every line of a document beside ours: its traffic, its delivery, a VPN, and the rest as the stack has it."""
    profile = Profile(_FILES_PER_SECOND, _FILE_BYTES, _COMPRESSION_RATIO, 300.0, archive_months)
    described = settings.model_copy(update={**_WITH_VPN, "delivery": estimate.delivery})
    bill = monthly_bill(profile, described, figures).bill
    rate = price_list().usd_per_gbp
    return Comparison(
        estimate,
        tuple(ComparedLine(line, sum(bill.of(part) for part in line.parts) / rate) for line in estimate.lines),
    )
