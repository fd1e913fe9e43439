"""A stack's settings, as far as they cost: read from Pulumi.yaml and Pulumi.<stack>.yaml, without Pulumi."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from baler.aws.event_source import first_readers

if TYPE_CHECKING:
    from pathlib import Path

_NAMESPACE: Final = "baler:"


class StackFilesError(Exception):
    """The files of a stack cannot be read as its settings; the message says what to do."""


class SharedStackSettings(BaseModel):
    """What costs of any pipeline, as Pulumi.yaml describes it under the same keys, in the units that it gives.

    Whether values are allowed and fit together is checked by the program; here they must only be numbers and words.
    """

    # `pulumi config set` writes every value as text.
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True, populate_by_name=True)

    pipelines: tuple[str, ...]
    private_network: bool
    network_zones: str
    function_architecture: Literal["arm64", "x86_64"]


class StackSettings(SharedStackSettings):
    """What costs of the file pipeline."""

    vpn_gateway_address: str
    direct_connect_gateway_id: str
    on_premises_cidrs: tuple[str, ...]
    landing_retention_days: int = Field(alias="filesLandingRetentionDays", ge=1)
    dead_letter_retention_days: int = Field(alias="filesDeadLetterRetentionDays", ge=1)
    archive_transition_days: int = Field(alias="filesArchiveTransitionDays", ge=1)
    transition_small_bundles: bool = Field(alias="filesTransitionSmallBundles")
    batching_window_seconds: int = Field(alias="filesBatchingWindowSeconds", ge=0)
    batch_size: int = Field(alias="filesBatchSize", ge=1)
    function_timeout_seconds: int = Field(alias="filesFunctionTimeoutSeconds", ge=1)
    function_memory_megabytes: int = Field(alias="filesFunctionMemoryMegabytes", ge=128)
    function_disk_megabytes: int = Field(alias="filesFunctionDiskMegabytes", ge=512)
    max_bundle_megabytes: int = Field(alias="filesMaxBundleMegabytes", ge=1)
    expected_files_per_second: int = Field(alias="filesExpectedPerSecond", ge=1)
    maximum_concurrency: int = Field(alias="filesMaximumConcurrency", ge=2)
    landing_prefixes: tuple[str, ...] = Field(alias="filesLandingPrefixes")
    log_retention_days: int = Field(ge=1)
    delivery: Literal["pull", "http", "s3"] = Field(alias="filesDelivery")
    courier_memory_megabytes: int = Field(alias="filesCourierMemoryMegabytes", ge=128)
    receipt_retention_days: int = Field(alias="filesReceiptRetentionDays", ge=1)
    protect_data: bool
    access_log_days: int = Field(ge=0)

    @property
    def pushed(self) -> bool:
        """Whether a courier delivers, and no consumer comes for the bundles."""
        return self.delivery != "pull"

    @property
    def lanes(self) -> int:
        """How many queues share the files."""
        return max(1, len(self.landing_prefixes))

    @property
    def first_readers(self) -> int:
        """How many batches are gathered at once, over all lanes, before messages are left over."""
        return self.lanes * first_readers(self.maximum_concurrency)


Settings = TypeVar("Settings", bound=SharedStackSettings)


def read_stack_settings(project: Path, stack: str) -> StackSettings:
    """Read what costs of the file pipeline; see `read_settings`."""
    return read_settings(StackSettings, project, stack)


def read_settings(model: type[Settings], project: Path, stack: str) -> Settings:
    """Read the settings of a stack, defaults included.

    Args:
        model: what is read of them.
        project: the folder that Pulumi.yaml is in.
        stack: the stack's name.

    Raises:
        StackFilesError: there is no such project or stack, or a value is not what the setting takes.
    """
    declared = _config(project / "Pulumi.yaml", "Run this in Baler's checkout, or name it with --project")
    known = sorted(path.name.split(".")[1] for path in project.glob("Pulumi.*.yaml"))
    chosen = _config(project / f"Pulumi.{stack}.yaml", f"The stacks here are: {', '.join(known) or 'none'}")
    defaults = {
        key: cast("dict[str, Any]", entry).get("default") for key, entry in declared.items() if isinstance(entry, dict)
    }
    values = {**defaults, **chosen}
    try:
        return model.model_validate(
            {key.removeprefix(_NAMESPACE): value for key, value in values.items() if key.startswith(_NAMESPACE)}
        )
    except ValidationError as error:
        wrong = "; ".join(
            f"{_NAMESPACE}{'.'.join(str(part) for part in detail['loc'])}: {detail['msg']}" for detail in error.errors()
        )
        raise StackFilesError(f"The settings of stack {stack} cannot be read: {wrong}.") from error


def _config(path: Path, otherwise: str) -> dict[str, Any]:
    """Return the `config` block of a file, empty where it has none."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise StackFilesError(f"There is no {path.name}. {otherwise}.") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise StackFilesError(f"{path} cannot be read: {error}.") from error
    block = cast("dict[str, Any]", document).get("config") if isinstance(document, dict) else None
    if block is None:
        return {}
    if not isinstance(block, dict):
        raise StackFilesError(f"{path}: 'config' must be a mapping of settings.")
    return cast("dict[str, Any]", block)
