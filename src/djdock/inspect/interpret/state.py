"""What is shared while settings are worked out: files, environment, what was read, the bounds."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from djdock.inspect.interpret.value import NOTHING, Function, Module, Value
from djdock.inspect.model import Evidence
from djdock.inspect.tree import Tree

#: Nodes that are looked at, calls and expressions inside of each other, and the items of a list.
MOST_STEPS, DEEPEST, MOST_ITEMS, MOST_TEXT = 150_000, 60, 2_000, 50_000


#: What readers raise for a variable that is not set.
UNSET = frozenset(
    {
        "KeyError",
        "LookupError",
        "ImproperlyConfigured",
        "EnvError",
        "EnvValidationError",
        "UndefinedValueError",
    }
)


class Exhausted(Exception):
    """The steps are used up."""


class Raised(Exception):
    """The settings raise here: ``kind`` is the exception's class, ``names`` the variables to blame.

    ``missing`` is the module of the project that is not there, where that is why.
    """

    def __init__(
        self, kind: str, names: frozenset[str] = frozenset(), said: str = "", missing: str = ""
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.names = names
        self.said = said
        self.missing = missing


@dataclass(frozen=True)
class Read:
    """An environment variable that was read: its default, what it is made into, if it must be set."""

    name: str
    default: Value | None
    cast: str
    required: bool
    where: Evidence

    @property
    def defaulted(self) -> bool:
        """Whether there is a default that is not None."""
        return self.default is not None and self.default.data is not None


@dataclass
class Frame:
    """The names of a function's or a module's body; ``returned`` is set by a return."""

    module: Module
    names: dict[str, Value]
    returned: Value | None = None
    #: What `env.prefixed` puts before names.
    prefix: str = ""
    depth: int = 0

    @property
    def stopped(self) -> bool:
        """Whether nothing after this is executed."""
        return self.returned is not None


@dataclass
class State:
    """One pass over the settings. ``environ`` is the environment that they are worked out in."""

    tree: Tree
    #: The folders that modules are found in, the likeliest first.
    paths: tuple[str, ...]
    environ: Mapping[str, str] = field(default_factory=dict)
    reads: list[Read] = field(default_factory=list)
    #: What the code itself gives variables, whatever the environment has.
    written: dict[str, Value] = field(default_factory=dict)
    modules: dict[str, Module] = field(default_factory=dict)
    #: What the settings raised, and nothing caught.
    raised: list[tuple[Raised, Evidence]] = field(default_factory=list)
    #: Packages outside of the project that the settings import, and modules that are not there.
    imported: dict[str, Evidence] = field(default_factory=dict)
    missing: dict[str, Evidence] = field(default_factory=dict)
    #: Packages outside of the project that all names are imported of.
    starred: list[str] = field(default_factory=list)
    steps: int = MOST_STEPS
    depth: int = 0
    #: The `try` statements around: what their handlers catch.
    catching: list[frozenset[str]] = field(default_factory=list)
    #: Above zero where a branch is looked at that would not be taken.
    aside: int = 0
    #: Set by :mod:`.machine`, so that expressions can call what consists of statements.
    call: Callable[[Function, tuple[Value, ...], Mapping[str, Value]], Value] = field(
        default=lambda *_: NOTHING
    )
    run: Callable[[Module], None] = field(default=lambda _: None)

    def step(self) -> None:
        """Counts one; raises Exhausted at the bound."""
        self.steps -= 1
        if self.steps < 0:
            raise Exhausted

    def where(self, frame: Frame, node: ast.AST) -> Evidence:
        """The evidence that a node is."""
        return self.tree.evidence(frame.module.path, getattr(node, "lineno", 0))

    def demand(self, value: Value) -> None:
        """Notes that the settings fail where a value is None: the variable that it is of must be set."""
        if (
            value.data is not None
            or len(value.names) != 1
            or self.aside
            or self.catches("TypeError")
        ):
            return
        self.reads = [
            replace(one, required=True) if one.name in value.names and not one.defaulted else one
            for one in self.reads
        ]

    def write(self, name: str, value: Value) -> None:
        """Notes that the code gives a variable a value; what is not executed gives none."""
        if not self.aside:
            self.written[name] = value

    def made_into(self, value: Value, cast: str) -> None:
        """Notes what is made of the text of a variable, where nothing is known of that yet."""
        if len(value.names) != 1 or isinstance(value.data, (bool, int, float)):
            return
        self.reads = [
            replace(one, cast=cast) if one.name in value.names and not one.cast else one
            for one in self.reads
        ]

    def catches(self, kind: str) -> bool:
        """Whether a `try` around here catches such an exception."""
        wanted = {kind, "Exception", "BaseException"}
        if kind == "KeyError":
            wanted |= UNSET
        if kind == "ModuleNotFoundError":
            wanted.add("ImportError")
        return any(caught & wanted for caught in self.catching)
