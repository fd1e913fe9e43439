"""Properties and relationships of NiFi's components that the shipped flow uses, by type.

Source: the components' pages in the documentation of NiFi 2 (https://nifi.apache.org/components/), and, for the
standard processors, `getPropertyDescriptors` and `getRelationships` of NiFi 2.6.0's own classes. The names are those of
2.0 to 2.11: what a later version calls otherwise (`Maximum number of Bins`) it renames when a flow is imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_STANDARD: Final = "org.apache.nifi.processors.standard."


@dataclass(frozen=True)
class ComponentType:
    """What NiFi knows of a type.

    Attributes:
        nar: the archive that brings it; all are in NiFi's own distribution.
        properties: the fixed ones that the flow may set.
        services: those of them that name a controller service.
        secrets: those of them that are sensitive.
        relationships: the fixed ones, of a processor.
        dynamic: whether other properties may be set.
        routes: whether each other property is a relationship too.
    """

    nar: str
    properties: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()
    relationships: frozenset[str] = frozenset()
    dynamic: bool = False
    routes: bool = False


def _standard(properties: set[str], relationships: set[str], *, services: set[str] | None = None) -> ComponentType:
    services = services or set()
    return ComponentType(
        "nifi-standard-nar",
        frozenset(properties | services),
        frozenset(services),
        relationships=frozenset(relationships),
    )


PROCESSORS: Final = {
    _STANDARD + "HandleHttpRequest": _standard(
        {
            "Listening Port",
            "Hostname",
            "HTTP Protocols",
            "Allowed Paths",
            "Default URL Character Set",
            "Allow GET",
            "Allow POST",
            "Allow PUT",
            "Allow DELETE",
            "Allow HEAD",
            "Allow OPTIONS",
            "Maximum Threads",
            "Request Header Maximum Size",
            "Client Authentication",
        },
        {"success"},
        services={"HTTP Context Map", "SSL Context Service"},
    ),
    _STANDARD + "HandleHttpResponse": _standard(
        {"HTTP Status Code"}, {"success", "failure"}, services={"HTTP Context Map"}
    ),
    # Its properties are called otherwise from one version to the next, so the flow leaves their defaults: SHA-256.
    _STANDARD + "CryptographicHashContent": _standard(set(), {"success", "failure"}),
    _STANDARD + "RouteOnAttribute": ComponentType(
        "nifi-standard-nar",
        frozenset({"Routing Strategy"}),
        relationships=frozenset({"unmatched"}),
        dynamic=True,
        routes=True,
    ),
    _STANDARD + "FetchDistributedMapCache": _standard(
        {"Cache Entry Identifier", "Put Cache Value In Attribute", "Max Length To Put In Attribute", "Character Set"},
        {"success", "not-found", "failure"},
        services={"Distributed Cache Service"},
    ),
    _STANDARD + "PutDistributedMapCache": _standard(
        {"Cache Entry Identifier"}, {"success", "failure"}, services={"Distributed Cache Service"}
    ),
    _STANDARD + "CompressContent": _standard(
        {"Mode", "Compression Format", "Compression Level", "Update Filename"}, {"success", "failure"}
    ),
    _STANDARD + "UnpackContent": _standard({"Packaging Format", "File Filter"}, {"success", "original", "failure"}),
    _STANDARD + "PutFile": _standard(
        {
            "Directory",
            "Conflict Resolution Strategy",
            "Create Missing Directories",
            "Maximum File Count",
            "Last Modified Time",
            "Permissions",
            "Owner",
            "Group",
        },
        {"success", "failure"},
    ),
    _STANDARD + "ModifyBytes": _standard({"Start Offset", "End Offset", "Remove All Content"}, {"success"}),
    _STANDARD + "ReplaceText": _standard(
        {"Replacement Strategy", "Replacement Value", "Evaluation Mode", "Character Set", "Maximum Buffer Size"},
        {"success", "failure"},
    ),
    _STANDARD + "MergeContent": _standard(
        {"Merge Strategy", "Merge Format", "Attribute Strategy", "Max Bin Age", "Maximum number of Bins"},
        {"merged", "original", "failure"},
    ),
    "org.apache.nifi.processors.attributes.UpdateAttribute": ComponentType(
        "nifi-update-attribute-nar",
        frozenset({"Delete Attributes Expression", "Store State"}),
        relationships=frozenset({"success"}),
        dynamic=True,
    ),
}

SERVICES: Final = {
    "org.apache.nifi.ssl.StandardRestrictedSSLContextService": ComponentType(
        "nifi-ssl-context-service-nar",
        frozenset(
            {
                "Keystore Filename",
                "Keystore Password",
                "Keystore Type",
                "Truststore Filename",
                "Truststore Password",
                "Truststore Type",
            }
        ),
        secrets=frozenset({"Keystore Password", "Truststore Password"}),
    ),
    "org.apache.nifi.http.StandardHttpContextMap": ComponentType(
        "nifi-http-context-map-nar", frozenset({"Maximum Outstanding Requests", "Request Expiration"})
    ),
    "org.apache.nifi.distributed.cache.client.MapCacheClientService": ComponentType(
        "nifi-distributed-cache-services-nar",
        frozenset({"Server Hostname", "Server Port", "SSL Context Service", "Communications Timeout"}),
        services=frozenset({"SSL Context Service"}),
    ),
    "org.apache.nifi.distributed.cache.server.map.MapCacheServer": ComponentType(
        "nifi-distributed-cache-services-nar",
        frozenset(
            {"Port", "Maximum Cache Entries", "Eviction Strategy", "Persistence Directory", "SSL Context Service"}
        ),
        services=frozenset({"SSL Context Service"}),
    ),
}
