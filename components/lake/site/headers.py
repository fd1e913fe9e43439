"""What a browser is told with each answer of the site, by CloudFront and by the sandbox's server alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

HSTS_SECONDS: Final = 63_072_000
"""Two years, within which a browser asks this host by HTTPS alone."""

REFERRER_POLICY: Final = "no-referrer"
FRAME_OPTION: Final = "DENY"
NO_SNIFFING: Final = "nosniff"

OTHERS: Final[Mapping[str, str]] = {
    "Cross-Origin-Opener-Policy": "same-origin",
    # A dashboard needs none of what a browser could let a page do.
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
"""Headers beside those for which CloudFront has settings of their own."""

LONGEST_POLICY: Final = 1_783
"""Characters that CloudFront takes of a Content-Security-Policy (CloudFront quotas, response headers policies)."""


@dataclass(frozen=True)
class SecurityHeaders:
    """The headers, of which the build decides one: which inline scripts are its own.

    Attributes:
        script_hashes: of the scripts that are written into the pages: `sha256-<base64>`.
    """

    script_hashes: Sequence[str]

    @property
    def content_security_policy(self) -> str:
        """What a page may load and do: its own files, and the API of the same host."""
        scripts = " ".join(["'self'", *(f"'{each}'" for each in self.script_hashes)])
        return "; ".join(
            [
                "default-src 'none'",
                f"script-src {scripts}",
                "style-src 'self'",
                "img-src 'self' data:",
                "font-src 'self'",
                "connect-src 'self'",
                "manifest-src 'self'",
                "base-uri 'none'",
                "form-action 'none'",
                "frame-ancestors 'none'",
            ]
        )

    def by_name(self) -> dict[str, str]:
        """Return all headers as a browser gets them."""
        return {
            "Content-Security-Policy": self.content_security_policy,
            "Referrer-Policy": REFERRER_POLICY,
            "Strict-Transport-Security": f"max-age={HSTS_SECONDS}",
            "X-Content-Type-Options": NO_SNIFFING,
            "X-Frame-Options": FRAME_OPTION,
            **OTHERS,
        }
