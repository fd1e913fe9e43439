"""What a rule is, and what it sees of a resource."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Declared:
    """A resource as the program declared it.

    Attributes:
        type: Pulumi's type token, `aws:s3/bucket:Bucket` for example.
        props: its properties by Pulumi's names, in camel case.
        refers: the URNs of the resources whose outputs are in a property, by the property's name. A preview of a new
            stack knows these where it does not know the values.
    """

    type: str
    name: str
    urn: str
    props: Mapping[str, Any]
    refers: Mapping[str, tuple[str, ...]]

    def listed(self, key: str) -> list[Any]:
        """Return the items of a property, none where it is not set."""
        return list(self.props.get(key) or ())

    def nested(self, key: str) -> Mapping[str, Any]:
        """Return the object in a property, an empty one where it is not set."""
        found: Mapping[str, Any] | None = self.props.get(key)
        return found or {}


@dataclass(frozen=True)
class ResourceRule:
    """A rule that one resource keeps or breaks by itself.

    Attributes:
        name: what an operator reads in the refusal, in kebab case.
        check: takes a resource and the stack's name, and returns a sentence for each thing that is wrong.
    """

    name: str
    description: str
    check: Callable[[Declared, str], Iterator[str]]


@dataclass(frozen=True)
class StackRule:
    """A rule about resources that belong together, such as a bucket and its policy.

    Attributes:
        check: takes all resources, and returns each that is wrong with a sentence.
    """

    name: str
    description: str
    check: Callable[[Sequence[Declared]], Iterator[tuple[Declared, str]]]


def pointing_at(
    target: Declared, resources: Sequence[Declared], types: tuple[str, ...], reference: str
) -> Iterator[Declared]:
    """Return the resources of these types (or of a later version of them) whose property refers to the target."""
    for resource in resources:
        if resource.type.startswith(types) and target.urn in resource.refers.get(reference, ()):
            yield resource
