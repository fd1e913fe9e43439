"""List prices of AWS, in US dollars without tax, for estimates; a bill is made of other figures too.

S3 Standard is the price of eu-west-2 (London). The Deep Archive retrieval prices are those of us-east-1, the only ones
that could be looked up when this was written: other regions may ask a little more. Compare with
https://aws.amazon.com/s3/pricing/ before a large sum depends on them, and then set AS_OF anew.
"""

from __future__ import annotations

from typing import Final

AS_OF: Final = "2025-10"

GIGABYTE: Final = 1024**3

# A gigabyte kept for a month: the first 50 TB of S3 Standard, where restored copies and the mailbox lie.
S3_STANDARD_GB_MONTH: Final = 0.024
# By tier: a gigabyte brought back from Deep Archive, and a thousand objects asked for.
DEEP_ARCHIVE_RETRIEVAL_GB: Final = {"standard": 0.02, "bulk": 0.0025}
DEEP_ARCHIVE_RETRIEVAL_THOUSAND: Final = {"standard": 0.10, "bulk": 0.025}
