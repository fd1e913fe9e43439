"""The flow definition is one that NiFi 2 takes: its parts exist, are wired, and carry no secret."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest
from nifi_flow.component_types import PROCESSORS, SERVICES
from nifi_flow.definition import FLOW, document, flow

from components.files.settings import FilesSettings

DOCUMENT: Final = document()
CONTENTS: Final = DOCUMENT["flowContents"]
CONTEXT: Final = DOCUMENT["parameterContexts"]["Baler receiver"]
COMPONENTS: Final = [*CONTENTS["processors"], *CONTENTS["controllerServices"]]
UNITS: Final = {"ms": 0.001, "sec": 1, "secs": 1, "min": 60, "mins": 60}
SEND_TIMEOUT_SECONDS: Final = FilesSettings.model_fields["send_timeout_seconds"].default
PARALLEL_SENDS: Final = FilesSettings.model_fields["parallel_sends"].default
CLEAN_UP_SECONDS: Final = 5
"""How late StandardHttpContextMap may be with the 503 of a request that expired (its clean-up runs every 5 s)."""


def named(name: str) -> Any:
    [found] = [each for each in COMPONENTS if each["name"] == name]
    return found


def of_kind(kind: str) -> list[Any]:
    return [each for each in COMPONENTS if each["type"].endswith(f".{kind}")]


def seconds(text: str) -> float:
    number, unit = text.split()
    return float(number) * UNITS[unit]


def test_it_is_a_versioned_flow_definition() -> None:
    assert DOCUMENT["flowEncodingVersion"] == "1.0"
    assert CONTENTS["componentType"] == "PROCESS_GROUP"
    assert CONTENTS["parameterContextName"] in DOCUMENT["parameterContexts"]
    assert DOCUMENT["externalControllerServices"] == {}


def test_ids_and_names_are_unique() -> None:
    everything = [*COMPONENTS, *CONTENTS["connections"], CONTENTS]
    assert len({each["identifier"] for each in everything}) == len(everything)
    assert len({each["name"] for each in COMPONENTS}) == len(COMPONENTS)
    assert {each["groupIdentifier"] for each in everything[:-1]} == {CONTENTS["identifier"]}


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda each: each["name"])
def test_a_component_is_of_a_type_of_nifi_and_has_properties_that_the_type_has(component: Any) -> None:
    known = {**PROCESSORS, **SERVICES}[component["type"]]
    assert component["bundle"]["artifact"] == known.nar
    others = set(component["properties"]) - known.properties
    assert known.dynamic or not others
    described = component["propertyDescriptors"]
    # NiFi gives services new ids at import, and finds where they are named by this.
    assert {name for name, each in described.items() if each["identifiesControllerService"]} == (
        known.services & set(component["properties"])
    )
    assert {name for name, each in described.items() if each["sensitive"]} == (
        known.secrets & set(component["properties"])
    )
    assert {name for name, each in described.items() if each["dynamic"]} == others
    assert set(described) == set(component["properties"])


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda each: each["name"])
def test_a_service_that_is_named_is_there(component: Any) -> None:
    known = {**PROCESSORS, **SERVICES}[component["type"]]
    services = {each["identifier"] for each in CONTENTS["controllerServices"]}
    assert {component["properties"][name] for name in known.services & set(component["properties"])} <= services


@pytest.mark.parametrize("connection", CONTENTS["connections"], ids=lambda each: each["source"]["name"])
def test_both_ends_of_a_connection_are_there(connection: Any) -> None:
    for end in (connection["source"], connection["destination"]):
        assert named(end["name"])["identifier"] == end["id"]
        assert end["groupId"] == CONTENTS["identifier"]


@pytest.mark.parametrize("processor", CONTENTS["processors"], ids=lambda each: each["name"])
def test_every_relationship_leads_somewhere_or_ends_on_purpose(processor: Any) -> None:
    known = PROCESSORS[processor["type"]]
    routes = set(processor["properties"]) - known.properties if known.routes else set[str]()
    led = {relationship for source, relationship in flow().destinations if source == processor["name"]}
    ended = set(processor["autoTerminatedRelationships"])
    assert led | ended == known.relationships | routes
    assert not led & ended


def test_a_relationship_leads_to_one_place() -> None:
    pairs = [
        (connection["source"]["name"], relationship)
        for connection in CONTENTS["connections"]
        for relationship in connection["selectedRelationships"]
    ]
    assert len(set(pairs)) == len(pairs)


def test_everything_can_be_reached_from_the_request() -> None:
    graph = flow()
    reached, left = set[str](), graph.named("HandleHttpRequest")
    while left:
        name = left.pop()
        if name not in reached:
            reached.add(name)
            left += [to for (source, _), to in graph.destinations.items() if source == name]
    assert reached == set(graph.processors)


def test_only_what_follows_the_unpacking_or_the_answer_ends_a_flow_file() -> None:
    ends = {each["name"]: set(each["autoTerminatedRelationships"]) for each in CONTENTS["processors"]}
    assert {name: ended for name, ended in ends.items() if ended} == {
        "Unpack": {"original"},
        "Wait until all are kept": {"original"},
        "Answer": {"success", "failure"},
    }


def test_parameters_that_are_named_exist_and_none_is_left_over() -> None:
    text = FLOW.read_text(encoding="utf-8")
    assert set(re.findall(r"#\{([\w.]+)\}", text)) == {each["name"] for each in CONTEXT["parameters"]}


@pytest.mark.requirement("PUSH-SEC-03")
def test_the_flow_carries_no_secret() -> None:
    for parameter in CONTEXT["parameters"]:
        assert ("value" in parameter) is not parameter["sensitive"]
    for component in COMPONENTS:
        for name, described in component["propertyDescriptors"].items():
            if described["sensitive"]:
                parameter = re.fullmatch(r"#\{([\w.]+)\}", component["properties"][name])
                assert parameter
                [named_parameter] = [each for each in CONTEXT["parameters"] if each["name"] == parameter[1]]
                assert named_parameter["sensitive"]


@pytest.mark.requirement("PUSH-SEC-01")
def test_only_https_with_a_client_certificate_of_the_courier_comes_in() -> None:
    [request] = of_kind("HandleHttpRequest")
    tls = named("Receiver's certificate")
    assert request["properties"]["SSL Context Service"] == tls["identifier"]
    assert request["properties"]["Client Authentication"] == "Need Authentication"
    assert named("Is it the courier?")["properties"]["courier"] == "${http.subject.dn:matches(#{sender.dn})}"
    # Whoever writes into the cache could make the receiver take a bundle for a known one.
    for cache in (*of_kind("MapCacheServer"), *of_kind("MapCacheClientService")):
        assert cache["properties"]["SSL Context Service"] == tls["identifier"]


def test_only_posts_over_http_1_1_come_in() -> None:
    """HTTP/2 writes the names of headers in small letters, and the flow would see no hash."""
    [request] = of_kind("HandleHttpRequest")
    allowed = {name for name, value in request["properties"].items() if name.startswith("Allow ") and value == "true"}
    assert allowed == {"Allow POST"}
    assert request["properties"]["HTTP Protocols"] == "HTTP_1_1"


def test_it_looks_for_the_key_that_it_notes_and_the_key_has_both_ids() -> None:
    [look], [note] = of_kind("FetchDistributedMapCache"), of_kind("PutDistributedMapCache")
    key = look["properties"]["Cache Entry Identifier"]
    assert key == note["properties"]["Cache Entry Identifier"]
    assert key == "${'http.headers.X-Bundle-Id'}#${'http.headers.X-Replay-Id':replaceNull('')}"
    assert look["properties"]["Distributed Cache Service"] == note["properties"]["Distributed Cache Service"]
    # Else the bundle's bytes would be replaced by the note.
    assert look["properties"]["Put Cache Value In Attribute"]


@pytest.mark.requirement("PUSH-NFR-09", "PUSH-INT-01")
def test_the_hash_of_the_body_is_compared_with_that_of_the_header() -> None:
    assert named("Is the hash the sender's?")["properties"]["whole"] == (
        "${'content_SHA-256':equals(${'http.headers.X-Content-SHA256'})}"
    )
    graph = flow()
    assert graph.destinations["Hash the body", "success"] == "Is the hash the sender's?"
    assert graph.destinations["Is the hash the sender's?", "unmatched"] == "Say 422"


def test_a_request_outlasts_the_longest_work_and_the_courier_outlasts_the_request() -> None:
    """Else a bundle that was kept is answered 503, or an answer comes when nobody waits: each time it is sent again."""
    [gather], [cache] = of_kind("MergeContent"), of_kind("MapCacheClientService")
    work = seconds(gather["properties"]["Max Bin Age"])
    work += 2 * seconds(cache["properties"]["Communications Timeout"])  # it looks, and it notes
    expiration = seconds(named("Open requests")["properties"]["Request Expiration"])
    send_timeout = SEND_TIMEOUT_SECONDS
    assert work < expiration
    assert expiration + CLEAN_UP_SECONDS < send_timeout


def test_the_page_has_the_numbers_and_the_parameters_of_the_flow() -> None:
    page = (FLOW.parents[1] / "docs" / "nifi.md").read_text(encoding="utf-8")
    [gather], [cache], [store] = of_kind("MergeContent"), of_kind("MapCacheClientService"), of_kind("MapCacheServer")
    age = seconds(gather["properties"]["Max Bin Age"])
    timeout = seconds(cache["properties"]["Communications Timeout"])
    expiration = seconds(named("Open requests")["properties"]["Request Expiration"])
    rows = [
        f"{age:g} s for all files, and {timeout:g} s twice for the cache | {age + 2 * timeout:g} s |",
        f"| request expiration | {expiration:g} s |",
        f"| NiFi answers 503 to an expired request at the latest | {expiration + CLEAN_UP_SECONDS:g} s |",
        f"| the courier gives up | {SEND_TIMEOUT_SECONDS} s |",
    ]
    assert [row for row in rows if row not in page] == []
    assert f"{int(store['properties']['Maximum Cache Entries']):,}" in page
    parameters = page[page.index("| parameter |") :]
    for parameter in CONTEXT["parameters"]:
        assert f"`{parameter['name']}`" in parameters
        assert parameter.get("value", "password") in parameters or parameter["name"].endswith(".file")


def test_what_fails_is_answered_at_once() -> None:
    """A penalised flow file waits where it is, by default for 30 seconds: longer than the request lasts."""
    assert {each["penaltyDuration"] for each in CONTENTS["processors"]} == {"0 sec"}
    assert {tuple(each["retriedRelationships"]) for each in CONTENTS["processors"]} == {()}


def test_as_many_bundles_are_received_at_a_time_as_the_courier_sends() -> None:
    [request] = of_kind("HandleHttpRequest")
    assert request["concurrentlySchedulableTaskCount"] == PARALLEL_SENDS


def test_one_task_at_a_time_writes_files() -> None:
    """PutFile writes `.name` and renames it: two of them for one name would take the temporary file from each other."""
    assert {each["concurrentlySchedulableTaskCount"] for each in of_kind("PutFile")} == {1}
    assert {each["properties"]["Conflict Resolution Strategy"] for each in of_kind("PutFile")} == {"replace"}


def test_notes_outlive_a_restart_and_the_oldest_goes_first() -> None:
    [store] = of_kind("MapCacheServer")
    assert store["properties"]["Persistence Directory"] == "#{cache.folder}"
    assert store["properties"]["Eviction Strategy"] == "First In, First Out"


def test_what_is_kept_below_the_folder_stays_below_it() -> None:
    """The bundle id is checked before it names a folder, and a name or folder of dots is written otherwise."""
    assert "[0-9]{8}T[0-9]{9}Z-[0-9a-f]{16}" in named("Are the headers a bundle's?")["properties"]["bundle"]
    safe = named("Make the name safe")["properties"]
    assert "replaceFirst('^[.]', '%2E')" in safe["filename"]
    assert "replaceAll('(^|/)[.]', '$1%2E')" in safe["path"]
    assert flow().destinations["Unpack", "success"] == "Make the name safe"
    assert flow().destinations["Make the name safe", "success"] == "Keep the file"
