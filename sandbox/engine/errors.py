"""What stops a deployment, each naming the resource that it is about."""

from __future__ import annotations

from sandbox.errors import SandboxError


class ConfigurationError(SandboxError):
    """A project or stack file that is missing, or that the Pulumi CLI would refuse."""


class UnsupportedResourceError(SandboxError):
    """A type, an input or a function that the engine does not know; it never leaves one out in silence."""


class CreationError(SandboxError):
    """The endpoint refused a resource, or did not make it ready in time."""


class EndpointMismatchError(SandboxError):
    """A client would talk to another endpoint than the one that is deployed to."""


class PulumiCommandError(SandboxError):
    """The Pulumi CLI is missing, or ended with an error of its own."""
