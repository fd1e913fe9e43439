"""Walks a request through the flow's graph, by NiFi's rules, with outcomes that a test chooses.

What it does not know is a processor's inside: whether a hash fits or a disk is full is for the test to say.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nifi_flow.definition import Flow, Processor

FILES: Final = 3
"""Files in a bundle, the manifest among them."""


@dataclass(frozen=True)
class FlowFile:
    """What travels.

    Attributes:
        bundle: bundle id and replay id.
        request: number of the request that it is of.
        content: what is in it.
        fragment: the file of the bundle that it is; None for the whole.
        status: what the flow has set as the answer's.
    """

    bundle: str
    request: int
    content: str
    fragment: int | None = None
    status: str = ""


@dataclass(frozen=True)
class Answer:
    """What the client gets: status and body."""

    status: int
    body: str


@dataclass
class Receiver:
    """A NiFi that runs the flow: what it has kept and noted outlives a request.

    Attributes:
        kept: how often each file was put onto the disk, by bundle and file.
        marked: bundles that were marked complete.
        noted: the bundles in the cache.
        history: what happened, in order: "kept", "marked", "noted" and "answered", with the bundle.
    """

    flow: Flow
    kept: dict[tuple[str, int], int] = field(default_factory=dict[tuple[str, int], int])
    marked: set[str] = field(default_factory=set[str])
    noted: set[str] = field(default_factory=set[str])
    history: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    _requests: int = 0

    def post(self, bundle: str, outcomes: Mapping[str, str] | None = None, *, patience: bool = True) -> Answer:
        """Send a bundle; return the answer, or the 503 of a request that expires without one.

        Args:
            bundle: bundle id and replay id.
            outcomes: the relationship that a processor chooses, by its name; for one that gets all files of a bundle,
                it is that of the last file. Where none is chosen, all is well.
            patience: False where the request expires while the flow is at work: nobody waits for what it answers.
        """
        self._requests += 1
        run = _Run(self, self._requests, dict(outcomes or {}), expired=not patience)
        run.start(FlowFile(bundle, self._requests, "the bundle"))
        return run.answer or Answer(503, "")

    def complete(self, bundle: str) -> bool:
        """Whether all files of a bundle are on the disk, and it says so."""
        return bundle in self.marked and all((bundle, number) in self.kept for number in range(FILES))


@dataclass
class _Run:
    receiver: Receiver
    request: int
    outcomes: dict[str, str]
    expired: bool
    answer: Answer | None = None
    gathered: list[FlowFile] = field(default_factory=list[FlowFile])
    gatherer: str | None = None

    def start(self, whole: FlowFile) -> None:
        [source] = self.receiver.flow.named("HandleHttpRequest")
        queue = deque([(source, whole)])
        while True:
            while queue:
                name, flow_file = queue.popleft()
                queue.extend(self._onward(name, self._process(self.receiver.flow.processors[name], flow_file)))
            if not self.gathered or self.gatherer is None:
                return
            # Max Bin Age has passed: what is incomplete fails.
            left, self.gathered = self.gathered, []
            queue.extend(self._onward(self.gatherer, (("failure", each) for each in left)))

    def _onward(self, name: str, results: Iterator[tuple[str, FlowFile]]) -> list[tuple[str, FlowFile]]:
        flow = self.receiver.flow
        return [
            (flow.destinations[name, relationship], flow_file)
            for relationship, flow_file in results
            if relationship not in flow.processors[name].auto_terminated
        ]

    def _process(self, processor: Processor, it: FlowFile) -> Iterator[tuple[str, FlowFile]]:
        chosen = self._chosen(processor, it)
        if chosen is not None:
            yield chosen, it
            return
        match processor.kind:
            case "UnpackContent":
                yield from (("success", replace(it, fragment=number, content="a file")) for number in range(FILES))
                yield "original", it
            case "MergeContent":
                yield from self._gather(processor, it)
            case "FetchDistributedMapCache":
                yield "success" if it.bundle in self.receiver.noted else "not-found", it
            case "PutDistributedMapCache":
                yield self._note(it), it
            case "PutFile":
                yield self._keep(it), it
            case "HandleHttpResponse":
                yield self._answer(processor, it), it
            case _:
                yield _passed_on(processor, it)

    def _chosen(self, processor: Processor, it: FlowFile) -> str | None:
        """Return what the test chose for this processor and flow file."""
        alone = it.fragment is None or it.fragment == FILES - 1
        return self.outcomes.get(processor.name) if alone else None

    def _note(self, it: FlowFile) -> str:
        if not it.content:
            return "failure"  # "there is nothing to cache" (PutDistributedMapCache)
        self.receiver.noted.add(it.bundle)
        self.receiver.history.append(("noted", it.bundle))
        return "success"

    def _keep(self, it: FlowFile) -> str:
        if it.fragment is None:
            self.receiver.marked.add(it.bundle)
            self.receiver.history.append(("marked", it.bundle))
        else:
            place = (it.bundle, it.fragment)
            self.receiver.kept[place] = self.receiver.kept.get(place, 0) + 1
            self.receiver.history.append(("kept", it.bundle))
        return "success"

    def _gather(self, processor: Processor, it: FlowFile) -> Iterator[tuple[str, FlowFile]]:
        self.gatherer = processor.name
        self.gathered.append(it)
        if len(self.gathered) == FILES:
            gathered, self.gathered = self.gathered, []
            yield "merged", replace(it, fragment=None, content="".join(each.content for each in gathered))
            yield from (("original", each) for each in gathered)

    def _answer(self, processor: Processor, it: FlowFile) -> str:
        if self.expired or self.answer is not None:
            return "failure"  # the request is known no more
        otherwise = processor.properties["HTTP Status Code"].partition("replaceEmpty('")[2][:3]
        self.answer = Answer(int(it.status or otherwise), it.content)
        self.receiver.history.append(("answered", it.bundle))
        return "success"


def _passed_on(processor: Processor, it: FlowFile) -> tuple[str, FlowFile]:
    """What a processor that has no memory makes of a flow file when all is well."""
    match processor.kind:
        case "HandleHttpRequest" | "CryptographicHashContent" | "CompressContent":
            return "success", it
        case "RouteOnAttribute":
            [route] = set(processor.properties) - {"Routing Strategy"}
            return route, it
        case "UpdateAttribute":
            return "success", replace(it, status=processor.properties.get("baler.status", it.status))
        case "ModifyBytes":
            return "success", replace(it, content="")
        case "ReplaceText":
            return "success", replace(it, content="a mark")
        case kind:
            raise NotImplementedError(kind)
