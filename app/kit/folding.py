"""Templates are worked out as far as their own words go when they are compiled, for each language.

Half a page's time went into saying the same again: messages looked up, icons drawn, macros called
whose arguments stand in the template. Jinja folds constant expressions by itself. Before it does,

- a message takes the place of ``_("…")``, an address that of ``asset("…")``, and the words of a
  route's path that of ``url("…")``;
- a macro's body takes the place of ``{{ ui.name(…) }}``: constant arguments stand where they are
  used, the others are bound by a ``{% with %}``;
- the branch of an ``{% if %}`` that can not be taken is left out.

What a page says does not change; a test compares. What is not recognised here is left as it stands,
so that a mistake in a template fails where it always did.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from contextlib import suppress
from copy import deepcopy
from functools import cached_property, lru_cache
from itertools import zip_longest
from types import SimpleNamespace
from typing import Any, cast

from jinja2 import Environment, Template, nodes
from jinja2.compiler import has_safe_repr
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from app.kit import addresses, i18n
from app.kit.joining import Joining

RESERVED = frozenset({"_", "ui", "asset", "url"})
"""What only the environment binds. A template that binds one of them is not folded."""
NOT_MOVED = (
    nodes.Block,
    nodes.CallBlock,
    nodes.Extends,
    nodes.FromImport,
    nodes.Import,
    nodes.Include,
    nodes.Macro,
)
"""What would mean something else in another template."""
VALUE = re.compile(r"%\((\w+)\)s")
SEGMENT = re.compile(r"\{(\w+)\}")
_UNSAFE = re.compile("[&<>'\"]").search


class FoldingEnvironment(Environment):
    """Keeps a compiled template for each language it is asked for in.

    ``parts`` are the templates whose macros every page reaches as ``ui.<name>``. They are pure
    functions of their arguments, and no two have the same name.
    """

    code_generator_class = Joining

    def __init__(self, *, parts: Sequence[str], **options: Any) -> None:
        super().__init__(**options)
        self._parts = tuple(parts)
        self._kept: dict[tuple[str, str], Template] = {}
        self._spoken: dict[str, SimpleNamespace] = {}
        self._lock = threading.RLock()
        self.filters.update(filled=_filled, address=addresses.address, segment=addresses.segment)
        self.paths: Mapping[str, str] = {}
        """Of each route its path; whoever knows the routes sets it before the first page."""
        self.stores: dict[str, Any] = {}
        """What was drawn with these templates and is kept (``kit.drawn``)."""

    @property
    def ui(self) -> SimpleNamespace:
        """The macros, in the language of what is being answered now."""
        language = i18n.locale()
        found = self._spoken.get(language)
        if found is None:
            with self._lock:
                found = self._spoken[language] = self._spoken.get(language) or self._read_parts()
        return found

    def _read_parts(self) -> SimpleNamespace:
        ui = SimpleNamespace()
        for part in self._parts:
            # A macro of one part calls those of the others through ``ui``, when it is called.
            module = self._load(part, {"ui": ui}).module
            vars(ui).update({k: v for k, v in vars(module).items() if not k.startswith("_")})
        ui.icon = lru_cache(maxsize=1024)(ui.icon)
        return ui

    def _load(self, name: str, given: MutableMapping[str, Any]) -> Template:
        if self.loader is None:
            raise TypeError("an environment without a loader")
        found = self.loader.load(self, name, self.make_globals(given))
        # Each rendering begins with a copy of them, and a chain of mappings is copied in Python.
        found.globals = dict(found.globals)
        # The names of the compiled module; it calls ``escape`` for what it writes out alone.
        found.root_render_func.__globals__["escape"] = escaped
        return found

    def _load_template(self, name: str, globals: MutableMapping[str, Any] | None) -> Template:  # noqa: A002  (Jinja's)
        key = (i18n.locale(), name)
        found = self._kept.get(key)
        if found is None:
            with self._lock:  # eight who ask first would compile it eight times (ADR 48)
                found = self._kept.get(key) or self._load(name, {"ui": self.ui, **(globals or {})})
                self._kept[key] = found
        return found

    def _generate(
        self,
        source: nodes.Template,
        name: str | None,
        filename: str | None,
        defer_init: bool = False,  # noqa: FBT001, FBT002  (Jinja's signature)
    ) -> str:
        return super()._generate(self._folded(source, name), name, filename, defer_init)

    def _folded(self, source: nodes.Template, name: str | None) -> nodes.Template:
        """Plain text is left as it stands: a letter is written once and not a thousand times."""
        context = nodes.EvalContext(self, name)
        if not context.autoescape or RESERVED & _bound(source):
            return source
        folded: nodes.Template = _Folder(self, context, part=name).visit(source)
        return folded

    @cached_property
    def sources(self) -> Mapping[str, tuple[str, nodes.Macro]]:
        """Of each macro the part that holds it, and how it was written."""
        found = {}
        for part in self._parts:
            for macro in self.parsed(part).find_all(nodes.Macro):
                found[macro.name] = (part, macro)
        return found

    def parsed(self, name: str) -> nodes.Template:
        """A template as it was written. Raises ``TemplateNotFound``."""
        return self.parse(cast("Any", self.loader).get_source(self, name)[0], name)


def escaped(value: Any) -> str:
    """As ``markupsafe.escape``, as plain text: what is written out is not asked again if it is safe.

    Measured, a short word: 0.12 µs instead of 0.46.
    """
    kind = type(value)
    if kind is Markup or (kind is str and not _UNSAFE(value)):
        return cast("str", value)
    return escape(value)


def _filled(text: str, /, **values: object) -> Markup:
    """A message whose values are escaped as they are filled in."""
    return Markup(text) % values  # noqa: S704  (our own words)


def _bound(*sources: nodes.Node) -> set[str]:
    """The names that something binds: by ``set``, ``for``, ``with`` or as a macro."""
    names = {
        each.name
        for source in sources
        for each in source.find_all(nodes.Name)
        if each.ctx != "load"
    }
    return names | {each.name for source in sources for each in source.find_all(nodes.Macro)}


def _arguments(macro: nodes.Macro, call: nodes.Call) -> dict[str, nodes.Expr] | None:
    """What each parameter is given; nothing when the call does not fit, which Jinja will say."""
    names = [each.name for each in macro.args]
    given: dict[str, nodes.Expr] = dict(zip(names, call.args, strict=False))
    given |= {str(each.key): each.value for each in call.kwargs}
    defaults = dict(zip(reversed(names), reversed(macro.defaults), strict=False))
    is_plain = call.dyn_args is None and call.dyn_kwargs is None
    count = len(call.args) + len(call.kwargs)
    if not is_plain or count != len(given) or not set(given) <= set(names):
        return None
    found = {name: given.get(name, defaults.get(name)) for name in names}
    return None if None in found.values() else cast("dict[str, nodes.Expr]", found)


def _message(call: nodes.Call, text: str) -> nodes.Expr:
    """A message without values as it is read; with values, to be filled in."""
    if call.kwargs:
        found = nodes.Const(text, lineno=call.lineno)
        return nodes.Filter(found, "filled", [], call.kwargs, None, None, lineno=call.lineno)
    try:
        return nodes.Const(Markup(text) % {}, lineno=call.lineno)  # noqa: S704  (our own words)
    except (KeyError, ValueError):
        return call


def _address(call: nodes.Call, path: str) -> nodes.Expr:
    """The path itself where nothing has to be filled in."""
    found = nodes.Const(path, lineno=call.lineno)
    if not call.kwargs:
        return found
    return nodes.Filter(found, "address", [], call.kwargs, None, None, lineno=call.lineno)


def _spelled(found: nodes.Expr) -> list[nodes.Expr]:
    """A message or an address as its words and its values, each in its place; else what it was."""
    name = found.name if isinstance(found, nodes.Filter) else None
    if not isinstance(found, nodes.Filter) or name not in ("filled", "address"):
        return [found]
    values: dict[str, nodes.Expr] = {str(each.key): each.value for each in found.kwargs}
    pattern = VALUE if name == "filled" else SEGMENT
    words: list[str] = pattern.split(cast("nodes.Const", found.node).value)
    is_plain = "query" not in values and set(words[1::2]) <= set(values)
    if not is_plain or (name == "filled" and any("%" in each for each in words[::2])):
        return [found]
    if name == "address":
        words[::2] = [str(escape(each)) for each in words[::2]]
        values = {
            key: nodes.Filter(value, "segment", [], [], None, None, lineno=found.lineno)
            for key, value in values.items()
        }
    texts = [nodes.TemplateData(each, lineno=found.lineno) for each in words[::2]]
    filled = [values[each] for each in words[1::2]]
    return [each for pair in zip_longest(texts, filled) for each in pair if each is not None]


def _merged(found: list[Any]) -> list[Any]:
    """Neighbours that are only written out become one, so that their words become one."""
    done: list[Any] = []
    for each in found:
        if isinstance(each, nodes.Output) and done and isinstance(done[-1], nodes.Output):
            done[-1].nodes.extend(each.nodes)
        else:
            done.append(each)
    return done


class _Placed(NodeTransformer):
    """Puts constants in the place of a macro's parameters; it is not called with a block."""

    def __init__(self, constants: Mapping[str, nodes.Const]) -> None:
        self._constants = constants

    def visit_Name(self, node: nodes.Name) -> nodes.Node:  # noqa: N802  (Jinja's name)
        found = self._constants.get(node.name) if node.ctx == "load" else None
        return node if found is None else deepcopy(found)

    def visit_Test(self, node: nodes.Test) -> nodes.Node:  # noqa: N802
        asked = node.node
        if node.name == "defined" and isinstance(asked, nodes.Name) and asked.name == "caller":
            return nodes.Const(False, lineno=node.lineno)
        return self.generic_visit(node)


class _Folder(NodeTransformer):
    """Folds one template. In a part, macros of its own are called by their bare names."""

    def __init__(
        self,
        env: FoldingEnvironment,
        context: nodes.EvalContext,
        part: str | None,
        within: tuple[str, ...] = (),
    ) -> None:
        self._env = env
        self._context = context
        self._part = part
        self._within = within

    def generic_visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> nodes.Node:
        node = super().generic_visit(node, *args, **kwargs)
        for _, value in node.iter_fields():
            if isinstance(value, list):
                value[:] = _merged(value)
        return node

    def visit_Output(self, node: nodes.Output) -> list[nodes.Node]:  # noqa: N802
        done: list[nodes.Node] = []
        for each in node.nodes:
            found = self.visit(each)
            body = self._body(found) if isinstance(found, nodes.Call) else None
            done += [nodes.Output(_spelled(found), lineno=node.lineno)] if body is None else body
        return _merged(done)

    def visit_Include(self, node: nodes.Include) -> nodes.Node:  # noqa: N802
        """What is always included stands where it is, as if it were written there."""
        self.generic_visit(node)
        name = node.template
        is_known = isinstance(name, nodes.Const) and isinstance(name.value, str)
        if not is_known or node.ignore_missing or not node.with_context:
            return node
        source = self._env.parsed(cast("nodes.Const", name).value)
        if RESERVED & _bound(source) or any(source.find_all(NOT_MOVED)):
            return node
        folded = _Folder(self._env, self._context, self._part, self._within).visit(source)
        return nodes.Scope(folded.body, lineno=node.lineno)

    def visit_If(self, node: nodes.If) -> list[nodes.Node]:  # noqa: N802
        node.test = self.visit(node.test)
        known = self._constant(node.test)
        if known is None:
            node.body, node.else_ = self._all(node.body), self._all(node.else_)
            for each in node.elif_:
                each.test, each.body = self.visit(each.test), self._all(each.body)
            return [node]
        if known.value:
            return self._all(node.body)
        if not node.elif_:
            return self._all(node.else_)
        following, *others = node.elif_
        return self.visit_list(
            nodes.If(following.test, following.body, others, node.else_, lineno=node.lineno)
        )

    def visit_CondExpr(self, node: nodes.CondExpr) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        known = self._constant(node.test)
        if known is None or node.expr2 is None:
            return node
        return node.expr1 if known.value else node.expr2

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        if not isinstance(node.node, nodes.Name) or node.dyn_args or node.dyn_kwargs:
            return node
        text = _text(node.args)
        if node.node.name == "_" and text is not None:
            return _message(node, i18n.plain_gettext(text))
        if node.node.name == "url" and text in self._env.paths:
            return _address(node, self._env.paths[cast("str", text)])
        if node.node.name == "asset" and text is not None and not node.kwargs:
            with suppress(LookupError):
                return nodes.Const(
                    cast("Any", self._env.globals["asset"])(text), lineno=node.lineno
                )
        return node

    def _all(self, found: Iterable[nodes.Node]) -> list[nodes.Node]:
        return _merged([each for node in found for each in self.visit_list(node)])

    def _constant(self, found: nodes.Node) -> nodes.Const | None:
        try:
            value = cast("nodes.Expr", found).as_const(self._context)
        except Exception:  # noqa: BLE001  (as Jinja itself: a mistake is met when it is run)
            return None
        return nodes.Const(value, lineno=found.lineno) if has_safe_repr(value) else None

    def _called(self, call: nodes.Call) -> str | None:
        """The macro's name, for ``ui.name(…)`` anywhere and ``name(…)`` in its own part."""
        called = call.node
        if isinstance(called, nodes.Getattr) and isinstance(called.node, nodes.Name):
            return called.attr if called.node.name == "ui" else None
        if isinstance(called, nodes.Name) and called.name in self._env.sources:
            return called.name if self._env.sources[called.name][0] == self._part else None
        return None

    def _body(self, call: nodes.Call) -> list[nodes.Node] | None:
        """What stands in the place of a call; nothing when it has to stay a call."""
        name = self._called(call)
        if name is None or name not in self._env.sources or name in self._within:
            return None
        part, macro = self._env.sources[name]
        arguments = _arguments(macro, call)
        if arguments is None or any(macro.find_all(NOT_MOVED)):
            return None
        bound = _bound(*macro.body)
        constants = {
            each: known
            for each, given in arguments.items()
            if each not in bound and (known := self._constant(given)) is not None
        }
        folder = _Folder(self._env, self._context, part, (*self._within, name))
        body = folder._all(_Placed(constants).visit(each) for each in self._copied(macro))
        if any(folder._is_stuck(each) for each in body):
            return None
        rest = {each: given for each, given in arguments.items() if each not in constants}
        if rest or bound:
            targets: list[nodes.Expr] = [nodes.Name(each, "param") for each in rest]
            body = [nodes.With(targets, list(rest.values()), body)]
        for each in body:
            each.set_lineno(call.lineno, override=True)
            each.set_environment(self._env)
        return body

    def _copied(self, macro: nodes.Macro) -> list[nodes.Node]:
        return deepcopy(macro.body, {id(self._env): self._env})

    def _is_stuck(self, found: nodes.Node) -> bool:
        """Whether it needs its caller's block, or a macro that only its own part can name."""
        names = {each.name for each in found.find_all(nodes.Name)}
        calls = (each for each in found.find_all(nodes.Call) if isinstance(each.node, nodes.Name))
        return bool(names & {"caller", "varargs", "kwargs"}) or any(
            self._called(each) is not None for each in calls
        )


def _text(arguments: Sequence[nodes.Expr]) -> str | None:
    """The only argument, where it is one and is constant text."""
    if len(arguments) != 1 or not isinstance(arguments[0], nodes.Const):
        return None
    value = arguments[0].value
    return value if isinstance(value, str) else None
