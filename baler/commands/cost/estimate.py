"""The estimate of requirement document 1, section 7, line by line, beside ours for what it describes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.commands.cost.bill import Part
from baler.commands.cost.monthly import monthly_bill
from baler.commands.cost.traffic import Profile
from baler.prices import price_list

if TYPE_CHECKING:
    from baler.commands.cost.figures import Figures
    from baler.commands.cost.settings import StackSettings

# What the document describes: 10 files a second, and 650 GB in a month's 26 million files. Its bundles hold JSON lines
# of that size, which pack better than small ones (measured: 3.3 in bundles of 22 files of 25 KB).
_FILES_PER_SECOND: Final = 10.0
_FILE_BYTES: Final = 25_000.0
_COMPRESSION_RATIO: Final = 3.3
# It asks for a private line (NFR-10). The address is of the kind that is reserved for documents.
_WITH_VPN: Final = {
    "private_network": True,
    "vpn_gateway_address": "192.0.2.1",
    "direct_connect_gateway_id": "",
    "on_premises_cidrs": ("192.0.2.0/24",),
}
# A line within this of ours is as good as an estimate gets.
_NEAR: Final = 0.25


@dataclass(frozen=True, slots=True)
class Claimed:
    """A line of the document.

    Attributes:
        service: as it names it.
        low, high: pounds a month.
        parts: the parts of our bill that it stands for.
        reasons: what is wrong with it, and why.
    """

    service: str
    low: float
    high: float
    parts: tuple[Part, ...]
    reasons: str


_CLAIMED: Final = (
    Claimed(
        "S3 (Landing)",
        120,
        120,
        (Part.LANDING,),
        "Near, by the puts alone. Its 26M deletes cost nothing, its 26M reads are missing, and files stay a day more.",
    ),
    Claimed(
        "S3 (Archive)",
        1,
        1,
        (Part.ARCHIVE,),
        "Not negligible: the move to Deep Archive is paid by the bundle, not by the byte, and readers that share 10 "
        "files a second make far more bundles than its 263k, which take full batches of 100. Nothing is ever deleted, "
        "so its 55 GB are about a week, not the archive.",
    ),
    Claimed(
        "S3 (Distribution)",
        10,
        10,
        (Part.MAILBOX,),
        "Deletes cost nothing, and its 263k puts and gets would cost £1. What it leaves out makes up for most of that: "
        "more bundles, and the consumer's looks.",
    ),
    Claimed(
        "SQS",
        8,
        8,
        (Part.QUEUE,),
        "Counts the sends alone. Every message is also received and deleted, ten at once at best.",
    ),
    Claimed(
        "Lambda",
        3,
        3,
        (Part.FUNCTIONS,),
        "Near by luck: its own 1.2M GB-seconds cost £12 on Arm, and are more than the work takes. Its 263k invocations "
        "take full batches; each reader of the queue gathers a batch of its own.",
    ),
    Claimed(
        "DynamoDB",
        4,
        4,
        (Part.CLAIMS,),
        "26M conditional writes cost £12 at one a file, and what it describes, check and update, is two. Claims that "
        "are kept and recoverable are missing.",
    ),
    Claimed(
        "CloudWatch",
        12,
        12,
        (Part.WATCHING,),
        "One figure for all of it, so only the sum can be compared. Ours has the traces in it.",
    ),
    Claimed(
        "Network Solution",
        160,
        800,
        (Part.NETWORK,),
        "The gateway endpoint that it asks for cannot be reached from the premises: interface endpoints can, priced by "
        "hour and zone. A VPN connection is £27. Only a dedicated line explains £160 and more.",
    ),
    Claimed(
        "Data Transfer",
        24,
        24,
        (Part.TRANSFER,),
        "650 GB is the files; what leaves is bundles, about a third of it. But over a VPN a GB costs 9 cents, and 650 "
        "of them would be £43.",
    ),
)


@dataclass(frozen=True, slots=True)
class Compared:
    """A line of the document beside ours.

    Attributes:
        ours: pounds a month.
    """

    claimed: Claimed
    ours: float

    @property
    def verdict(self) -> str:
        """Whether the document's figure is near ours, or in which direction it is wrong."""
        if self.claimed.low > self.ours * (1 + _NEAR):
            return "too high"
        return "too low" if self.claimed.high < self.ours * (1 - _NEAR) else "near"


def compare(settings: StackSettings, figures: Figures, archive_months: float) -> list[Compared]:
    """Put every line of the document beside ours: its traffic, a VPN, and the rest as the stack has it."""
    profile = Profile(_FILES_PER_SECOND, _FILE_BYTES, _COMPRESSION_RATIO, 300.0, archive_months)
    bill = monthly_bill(profile, settings.model_copy(update=_WITH_VPN), figures).bill
    rate = price_list().usd_per_gbp
    return [Compared(claimed, sum(bill.of(part) for part in claimed.parts) / rate) for claimed in _CLAIMED]


def total(lines: list[Compared]) -> Compared:
    """Return the sum of all lines, as a line."""
    whole = Claimed(
        "Total",
        sum(one.claimed.low for one in lines),
        sum(one.claimed.high for one in lines),
        tuple(Part),
        "",
    )
    return Compared(whole, sum(one.ours for one in lines))
