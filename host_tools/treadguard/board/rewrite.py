# SPDX-License-Identifier: MIT
"""Rewrites the statements of one module, knowing what every name in them stands for.

Numbers take the place of their names, annotations go, names of the firmware get the names they
have in the build, and parameters that nobody passes by keyword share a few names: MicroPython
keeps every name in RAM, and its compiler keeps those of parameters but not of local variables.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Container, Mapping, Sequence

from treadguard.board.program import (
    PACKAGE,
    Defined,
    Foreign,
    Meaning,
    Module,
    Number,
    Program,
    Whole,
    bound_by,
)
from treadguard.board.scopes import COMPREHENSIONS, Scope, all_arguments, local_names

Naming = Callable[[Meaning], ast.expr | None]


class Rewriter(ast.NodeTransformer):
    """One module's statements, one at a time, through `visit`.

    `separate` are the modules that stay modules of their own. `naming` gives what shall stand
    in place of a meaning, None for its own name. `mentioned` collects what was asked for.
    """

    def __init__(
        self,
        program: Program,
        module: Module,
        separate: Container[str],
        naming: Naming,
        keywords: Container[str],
        attributes: Mapping[str, str] | None = None,
        parameters: Sequence[str] = (),
    ) -> None:
        self.program = program
        self.module = module
        self.separate = separate
        self.naming = naming
        self.keywords = keywords
        self.attributes = attributes or {}
        self.parameters = parameters
        self.mentioned: list[Meaning] = []
        self._scopes: list[Scope] = []

    # Names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        scope = self._scope_of(node.id)
        if scope is not None:
            return ast.Name(scope.renamed.get(node.id, node.id), node.ctx)
        meaning = self.program.meaning(self.module.name, node.id)
        if meaning is None:
            return node  # a builtin
        if isinstance(node.ctx, ast.Store) and self._scopes:
            raise self.module.error(node, f"the assignment to {node.id}")
        return self._standing_for(meaning, node)

    def _scope_of(self, name: str) -> Scope | None:
        """Where a name is local; None for a global. Methods do not see their class's names."""
        for scope in reversed(self._scopes):
            if name in scope.names and (not scope.is_class or scope is self._scopes[-1]):
                return scope
        return None

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        meaning = self._namespace(node.value)
        if meaning is None:
            node.value = self.visit(node.value)
            node.attr = self.attributes.get(node.attr, node.attr)
            return node
        if not isinstance(node.ctx, ast.Load):
            raise self.module.error(node, f"the assignment to {meaning.module}.{node.attr}")
        member = self.program.member(meaning.module, node.attr, self.module)
        if isinstance(member, Number) or meaning.module not in self.separate:
            return self._standing_for(member, node)
        base = self._standing_for(meaning, node.value)
        return ast.Attribute(base, node.attr, ast.Load())

    def _namespace(self, node: ast.expr) -> Whole | None:
        """The module of the firmware that an expression is, if it is one."""
        if not isinstance(node, ast.Name) or self._scope_of(node.id) is not None:
            return None
        meaning = self.program.meaning(self.module.name, node.id)
        return meaning if isinstance(meaning, Whole) else None

    def _standing_for(self, meaning: Meaning, node: ast.expr) -> ast.expr:
        if isinstance(meaning, Number):
            return ast.Constant(meaning.value)
        if isinstance(meaning, Whole) and meaning.module not in self.separate:
            raise self.module.error(node, f"the module {meaning.module} used as a value")
        context = getattr(node, "ctx", ast.Load())
        if isinstance(context, ast.Load):
            self.mentioned.append(meaning)
        given = self.naming(meaning)
        if given is None:
            return ast.Name(own_name(meaning), context)
        return ast.Name(given.id, context) if isinstance(given, ast.Name) else given

    def _own(self, name: str) -> str:
        """What a function or class is called in the build."""
        if self._scopes:
            in_class = self._scopes[-1].is_class
            return self.attributes.get(name, name) if in_class else name
        given = self.naming(Defined(self.module.name, name))
        return given.id if isinstance(given, ast.Name) else name

    # Scopes

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.name = self._own(node.name)
        self._visit_around(node.args)
        node.decorator_list = [self.visit(item) for item in node.decorator_list]
        node.returns = None
        scope = Scope(local_names(node))
        inner = [n for n in ast.walk(node) if isinstance(n, ast.FunctionDef | ast.Lambda)]
        if inner == [node]:
            scope.renamed = self._short_parameters(node)
        for argument in all_arguments(node.args):
            argument.annotation = None
            argument.arg = scope.renamed.get(argument.arg, argument.arg)
        self._scopes.append(scope)
        node.body = self._visit_body(node.body)
        self._scopes.pop()
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        self._visit_around(node.args)
        self._scopes.append(Scope({a.arg for a in all_arguments(node.args)}))
        node.body = self.visit(node.body)
        self._scopes.pop()
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        node.name = self._own(node.name)
        node.bases = [self.visit(base) for base in node.bases]
        bound = {name for item in node.body for name in bound_by(item)}
        self._scopes.append(Scope(bound, is_class=True))
        node.body = self._visit_body(node.body)
        self._scopes.pop()
        return node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if not isinstance(node, COMPREHENSIONS):
            return super().generic_visit(node)
        stored = {
            n.id for g in node.generators for n in ast.walk(g.target) if isinstance(n, ast.Name)
        }
        first = node.generators[0]
        first.iter = self.visit(first.iter)  # runs outside
        self._scopes.append(Scope(stored))
        for generator in node.generators:
            generator.target = self.visit(generator.target)
            if generator is not first:
                generator.iter = self.visit(generator.iter)
            generator.ifs = [self.visit(condition) for condition in generator.ifs]
        for name in ("elt", "key", "value"):
            if hasattr(node, name):
                setattr(node, name, self.visit(getattr(node, name)))
        self._scopes.pop()
        return node

    def _visit_around(self, arguments: ast.arguments) -> None:
        """Defaults are computed where the function is defined."""
        arguments.defaults = [self.visit(value) for value in arguments.defaults]
        if arguments.kwonlyargs or arguments.posonlyargs:
            raise self.module.error(arguments.defaults[0], "parameters after * or before /")

    def _visit_body(self, body: list[ast.stmt]) -> list[ast.stmt]:
        kept = [self.visit(statement) for statement in body]
        return [statement for statement in kept if statement is not None] or [ast.Pass()]

    def _short_parameters(self, node: ast.FunctionDef) -> dict[str, str]:
        taken = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        taken |= {argument.arg for argument in all_arguments(node.args)}
        free = [name for name in self.parameters if name not in taken]
        wanted = [a.arg for a in node.args.args if a.arg != "self"]
        return dict(zip([n for n in wanted if n not in self.keywords], free, strict=False))

    # What is left out

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.Assign | None:
        if node.value is None:
            return None
        return ast.copy_location(
            ast.Assign([self.visit(node.target)], self.visit(node.value)), node
        )

    def visit_Global(self, node: ast.Global) -> None:
        raise self.module.error(node, "global")

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        raise self.module.error(node, "nonlocal")

    def visit_Import(self, node: ast.Import) -> ast.Import:
        if self._scopes:
            raise self.module.error(node, "this import in a function")
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom | None:
        """In a function, what is loaded later; in a script, what is foreign stays in place."""
        inside = [f"{node.module}.{alias.name}" for alias in node.names]
        if self._scopes:
            if not all(name in self.separate for name in inside) and (
                node.module not in self.separate
            ):
                raise self.module.error(node, "this import in a function")
            return node
        return None if (node.module or "").split(".")[0] == PACKAGE else node


def own_name(meaning: Meaning) -> str:
    """The last word of what a meaning is called."""
    if isinstance(meaning, Whole):
        return meaning.module.rsplit(".", 1)[-1]
    if isinstance(meaning, Foreign):
        return meaning.name or meaning.module
    assert isinstance(meaning, Defined)
    return meaning.name
