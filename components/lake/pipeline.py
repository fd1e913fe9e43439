"""The data lake: how its parts are put together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pulumi

from components.blocks.function import FunctionAlias
from components.blocks.naming import resource_name
from components.blocks.policy_document import Statement
from components.lake.functions import Functions
from components.lake.http_api import HttpApi, HttpApiArgs
from components.lake.place import LambdasNetwork
from components.lake.settings import LakeSettings
from components.lake.site import build
from components.lake.site.site import Site, SiteArgs
from components.lake.stores import Stores
from components.lake.watched import WatchedParts, WatchedTables, watched
from components.network.network import Network
from components.pipeline import Running, Stack


class LakePipeline:
    """What sources answer becomes raw objects, records, each counted once, and answers to whoever asks for those."""

    def __init__(self, name: str, stack: Stack, settings: LakeSettings) -> None:
        self._name = name
        self._stack = stack
        self._settings = settings
        self._stores = Stores(name, stack, settings)

    def calls(self) -> Mapping[str, Sequence[Statement]]:
        """Return nothing: no function of this pipeline is in a private network, so none calls from within one."""
        return {}

    def run(self, network: Network) -> Running:  # noqa: ARG002 - see `place.py`
        """Declare functions, the policies that let them in, the API and the dashboard."""
        stack, settings, stores = self._stack, self._settings, self._stores
        platform = replace(stack.function_platform(LambdasNetwork()), log_retention_days=settings.log_retention_days)
        shifted = stack.settings.shifts_aliases
        functions = Functions(self._name, stores, platform, settings, shifted=shifted)
        policies = [
            stores.raw.restrict(
                writer_role_arn=functions.ingestion.role_arn,
                reader_role_arn=functions.curation.role_arn,
                operators=stack.operators,
            ),
            *stores.secrets.restrict(reader_role_arn=functions.ingestion.role_arn),
        ]
        api = self._http_api(functions.run(after=policies))
        return Running(
            watched=watched(self._watched_parts(functions, api), settings, stack=stack.name, shifted=shifted),
            outputs={
                **stores.outputs(),
                **functions.outputs(),
                "apiUrl": api.url,
                "apiId": api.id,
                "accessLogGroup": api.log_group,
                **(self._site(api) if settings.dashboard else {}),
            },
        )

    def _watched_parts(self, functions: Functions, api: HttpApi) -> WatchedParts:
        stores = self._stores
        return WatchedParts(
            ingestion=functions.ingestion.shifted_alias,
            curation=functions.curation.shifted_alias,
            api=functions.answering.shifted_alias,
            api_id=api.id,
            queue=stores.queue.name,
            dead_letters=stores.queue.dead_letter_name,
            tables=WatchedTables(
                records=stores.records.table, counters=stores.counters.table, sources=stores.sources.table
            ),
            raw_bucket_arn=stores.raw.arn,
            ingestion_role_name=functions.ingestion.role_name,
            curation_role_name=functions.curation.role_name,
        )

    def _http_api(self, function: FunctionAlias) -> HttpApi:
        settings = self._settings
        return HttpApi(
            resource_name(self._name, "api"),
            HttpApiArgs(
                function=function,
                function_timeout_seconds=settings.api_timeout_seconds,
                origins=settings.api_origins,
                jwt=settings.api_jwt,
                requests_per_second=settings.api_requests_per_second,
                burst=settings.api_burst,
                log_retention_days=settings.log_retention_days,
            ),
            self._stack.protected,
        )

    def _site(self, api: HttpApi) -> Mapping[str, pulumi.Input[str]]:
        """Declare the dashboard; return where it is."""
        site = Site(
            resource_name(self._name, "site"),
            SiteArgs(
                build=build.read_build(),
                api_url=api.url,
                domain=self._settings.site_domain,
                account=self._stack.account,
            ),
        )
        return {
            "siteBucket": site.bucket,
            "dashboardUrl": site.url,
            "dashboardDistributionDomain": site.distribution_domain,
        }
