"""Named tuples that are values of their own kind: what query trees are made of."""

from typing import TypeVar

Class = TypeVar("Class", bound=type)


def node(cls: Class) -> Class:
    """Return the class of named tuples as one whose values equal none of another class, and are never false.

    A frozen dataclass is the same, but its methods are compiled whenever the package is imported: those of all nodes
    would be a quarter of what a search needs to start.
    """
    for method in (_equals, _differs, _hash, _is_true):
        setattr(cls, _NAMES[method], method)
    return cls


def _equals(self: tuple[object, ...], other: object) -> bool:
    return type(self) is type(other) and tuple.__eq__(self, other)


def _differs(self: tuple[object, ...], other: object) -> bool:
    return type(self) is not type(other) or tuple.__ne__(self, other)


def _hash(self: tuple[object, ...]) -> int:
    return hash((type(self), tuple.__hash__(self)))


def _is_true(_: tuple[object, ...]) -> bool:
    return True


_NAMES = {_equals: "__eq__", _differs: "__ne__", _hash: "__hash__", _is_true: "__bool__"}
