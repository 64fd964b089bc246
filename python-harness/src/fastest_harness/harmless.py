"""Proves from its source that a hook treats each item for itself.

What is allowed is little: locals, conditions, loops over the items or over something else,
calls that only look, and on an item those that mark it.  An item's own state is all that may
change.  Anything that could carry knowledge from one item to the next, reorder, drop or count
items is an objection.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

MARKING: Final = frozenset({"add_marker"})
"""What an item may be told."""

LISTS_OF_ITEM: Final = frozenset({"fixturenames", "user_properties", "own_markers"})
"""Lists of an item's own that may grow."""

_LOOKING_METHODS: Final = """
    as_posix casefold count endswith exists find format fullmatch get get_closest_marker getini
    getoption getparent getvalue hasplugin has_plugin index is_dir is_file is_relative_to
    isdisjoint isidentifier issubset items iter_markers iter_markers_with_node keys listchain
    listnames lower lstrip match relative_to removeprefix removesuffix replace rstrip search split
    startswith strip upper values with_suffix
"""
LOOKING_METHODS: Final = frozenset(_LOOKING_METHODS.split())
"""Methods that change nothing, whatever kind of value they are called on here."""

_LOOKING_FUNCTIONS: Final = """
    all any bool callable dict enumerate frozenset getattr hasattr int isinstance issubclass len
    list max min repr set sorted str sum tuple type zip Path find_spec fnmatch getenv
    iscoroutinefunction asyncio.iscoroutinefunction fnmatch.fnmatch importlib.util.find_spec
    inspect.iscoroutinefunction os.getenv os.path.basename os.path.dirname os.path.exists
    os.path.join pathlib.Path platform.machine platform.python_implementation
    platform.python_version platform.system
"""
LOOKING_FUNCTIONS: Final = frozenset(_LOOKING_FUNCTIONS.split())
"""Functions that change nothing, by the names that they are called by."""

LIBRARY: Final = frozenset(
    {"asyncio.coroutines", "fnmatch", "importlib.util", "inspect", "os", "pathlib"}
    # Where Python 3.13 keeps it.
    | {"pathlib._local"}
)
"""Where a function of such a name comes from if it is not a builtin."""

ITEMS: Final = "items"

UNKNOWN: Final = object()


def objection(function: object, config: object = None) -> str | None:
    """Why a hook may need to see all items at once; ``None`` if it is proven not to.

    With the session's configuration, conditions on it (``config.getoption(...)``) are decided.
    """
    try:
        source = textwrap.dedent(inspect.getsource(inspect.unwrap(function)))  # type: ignore[arg-type]
        definition = ast.parse(source).body[0]
    except (OSError, TypeError, SyntaxError, IndexError):
        return "its source is not to be had"
    if not isinstance(definition, ast.FunctionDef):
        return "it is no plain function"
    try:
        _Reader(definition, getattr(function, "__globals__", {}), config).read()
    except _Objection as found:
        return str(found)
    return None


class _Objection(Exception):
    """Something is not proven harmless."""

    def __init__(self, node: ast.AST, what: str) -> None:
        super().__init__(f"line {getattr(node, 'lineno', 0)} {what}")


class _Reader:
    """Reads one function."""

    def __init__(
        self, definition: ast.FunctionDef, names: Mapping[str, object], config: object
    ) -> None:
        self._definition: Final = definition
        self._names: Final = names
        self._config: Final = config
        self._values: Final[dict[str, object]] = {}
        """What locals are worth, those that only the configuration decides."""
        self._item: str | None = None
        """The loop's variable, inside a loop over the items."""
        self._of_item: set[str] = set()
        """Locals that are set anew for each item."""
        self._others: set[str] = set()
        """Locals of the function."""
        self._inner: set[str] = set()
        """Names of comprehensions."""
        self._late: Final = _set_in_loops(definition)
        """Names that are set inside the loops over the items."""

    def read(self) -> None:
        if self._definition.args.vararg or self._definition.args.kwarg:
            raise _Objection(self._definition, "takes any arguments")
        self._statements(self._definition.body)

    def _statements(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        if isinstance(node, (ast.Pass, ast.Continue, ast.Import, ast.ImportFrom)):
            return
        if isinstance(node, ast.Return):
            self._return(node)
        elif isinstance(node, ast.If):
            self._look(node.test)
            self._if(node)
        elif isinstance(node, ast.For):
            self._loop(node)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            self._assign(node)
        elif isinstance(node, ast.Expr):
            self._expression(node.value)
        else:
            raise _Objection(node, f"has a statement of the kind {type(node).__name__}")

    def _return(self, node: ast.Return) -> None:
        if node.value is not None and not isinstance(node.value, ast.Constant):
            raise _Objection(node, "returns something")
        if self._item is not None:
            raise _Objection(node, "leaves the loop over the items")

    def _if(self, node: ast.If) -> None:
        value = self._value(node.test)
        if value is UNKNOWN:
            self._branches(node)
        else:
            self._statements(node.body if value else node.orelse)

    def _value(self, node: ast.expr) -> object:
        """What an expression about the configuration is worth, which it is in every call."""
        names = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
        if self._config is None or not names <= {"config", "os", "sys", *self._values}:
            return UNKNOWN
        code = compile(ast.Expression(node), "<condition>", "eval")
        try:
            return eval(code, dict(self._names), {**self._values, "config": self._config})
        except Exception:
            return UNKNOWN

    def _branches(self, node: ast.If) -> None:
        known = set(self._of_item)
        self._statements(node.body)
        after_body, self._of_item = self._of_item, set(known)
        self._statements(node.orelse)
        # A local is set for this item only if each branch sets it.
        self._of_item &= after_body

    def _loop(self, node: ast.For) -> None:
        if node.orelse or not isinstance(node.target, ast.Name):
            raise _Objection(node, "has a loop of another kind")
        if not _is_items(node.iter):
            self._look(node.iter)
            self._set(node.target)
            self._statements(node.body)
            return
        if self._item is not None:
            raise _Objection(node, "compares items with each other")
        self._item, self._of_item = node.target.id, {node.target.id}
        self._statements(node.body)
        self._item, self._of_item = None, set()

    def _assign(self, node: ast.Assign | ast.AnnAssign) -> None:
        if node.value is None:
            return
        self._look(node.value)
        value = self._value(node.value)
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if isinstance(target, ast.Name):
                self._set(target)
                self._values.pop(target.id, None)
                if value is not UNKNOWN and self._item is None:
                    self._values[target.id] = value
            elif not (isinstance(target, ast.Attribute) and self._is_item(target.value)):
                raise _Objection(target, "changes something that is no local")

    def _set(self, target: ast.Name) -> None:
        if target.id in (ITEMS, "session", "config", self._item):
            raise _Objection(target, f"sets `{target.id}` to something else")
        if self._item is None:
            self._others.add(target.id)
        elif target.id in self._others:
            raise _Objection(target, f"carries `{target.id}` from item to item")
        else:
            self._of_item.add(target.id)

    def _expression(self, node: ast.expr) -> None:
        if isinstance(node, ast.Call) and self._changes_item(node.func):
            for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                self._look(argument)
        else:
            self._look(node)

    def _changes_item(self, function: ast.expr) -> bool:
        """Whether a call marks the item, or adds to a list of its own."""
        if not isinstance(function, ast.Attribute):
            return False
        owner = function.value
        if function.attr in MARKING:
            return self._is_item(owner)
        return (
            function.attr in ("append", "insert")
            and isinstance(owner, ast.Attribute)
            and owner.attr in LISTS_OF_ITEM
            and self._is_item(owner.value)
        )

    def _is_item(self, node: ast.expr) -> bool:
        return self._item is not None and isinstance(node, ast.Name) and node.id == self._item

    def _look(self, node: ast.AST) -> None:
        """Object to whatever does more than look."""
        if isinstance(node, ast.Name):
            self._name(node)
        if isinstance(node, (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom, ast.Lambda)):
            raise _Objection(node, f"has an expression of the kind {type(node).__name__}")
        if isinstance(node, ast.Attribute) and node.attr == ITEMS and _is_session(node.value):
            raise _Objection(node, "looks at all items")
        if isinstance(node, ast.Call):
            self._call(node)
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            self._inner |= {name for part in node.generators for name in _stored(part.target)}
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.expr, ast.comprehension, ast.keyword)):
                self._look(child)

    def _name(self, node: ast.Name) -> None:
        if node.id in (ITEMS, "session"):
            raise _Objection(node, "looks at all items")
        known = self._of_item | self._inner
        # What is set for some item only, later or in a branch, may be an earlier item's.
        if isinstance(node.ctx, ast.Load) and node.id in self._late and node.id not in known:
            raise _Objection(node, f"carries `{node.id}` from item to item")

    def _call(self, node: ast.Call) -> None:
        name = _dotted(node.func)
        last = name.rpartition(".")[2]
        if isinstance(node.func, ast.Name):
            known = name in LOOKING_FUNCTIONS and self._is_librarys(name)
        else:
            known = last in LOOKING_METHODS or name in LOOKING_FUNCTIONS
            known = known or name.startswith("pytest.mark.")
        if not known:
            raise _Objection(node, f"calls `{name or 'something'}`")

    def _is_librarys(self, name: str) -> bool:
        """Whether a name is what it is everywhere, and not something of the project's."""
        value = self._names.get(name)
        return value is None or getattr(value, "__module__", "") in LIBRARY


def _set_in_loops(definition: ast.FunctionDef) -> set[str]:
    found: set[str] = set()
    for loop in ast.walk(definition):
        if isinstance(loop, ast.For) and _is_items(loop.iter):
            found |= _stored(loop)
    return found


def _stored(node: ast.AST) -> set[str]:
    names = (name for name in ast.walk(node) if isinstance(name, ast.Name))
    return {name.id for name in names if isinstance(name.ctx, ast.Store)}


def _is_items(node: ast.expr) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == ITEMS and _is_session(node.value)
    return isinstance(node, ast.Name) and node.id == ITEMS


def _is_session(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "session"


def _dotted(node: ast.expr) -> str:
    """`a.b.c` of such an expression; what stands before the attributes is left out."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return ""
