# SPDX-License-Identifier: MIT
"""The rules of the house as functions: source text in, list of offences out.

They read the syntax tree, so a rule cannot be talked round by layout or comments. Each one
has a twin in test_house_rules.py that plants a violation and sees it caught.
"""

from __future__ import annotations

import ast

SPDX = "SPDX-License-Identifier: MIT"

HARDWARE = ("machine", "esp32", "time", "os", "select", "vfs", "network", "utime", "uos")

# What the stock ESP32 image and CPython both have. A list of what is allowed, because a list
# of what breaks is never complete.
PORTABLE = (
    "guard", "micropython", "array", "binascii", "errno", "gc", "hashlib", "io", "json",
    "struct", "sys",
)  # fmt: skip

RELAY_PINS = ("RELAY_EN", "PUMP_A", "PUMP_B")
PIN_MAKERS = ("Pin", "ADC", "TouchPad", "PCNT", "PWM", "Signal")
MEMORY = ("mem8", "mem16", "mem32")


def imports(source: str, package: str = "") -> list[str]:
    """Full dotted names of everything imported, wherever the statement stands."""
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")
            base = parents[: len(parents) - node.level + 1] if node.level else []
            base += [node.module] if node.module else []
            names += [".".join([*base, alias.name]) for alias in node.names]
        elif isinstance(node, ast.Call) and _name(node.func) in ("__import__", "exec", "eval"):
            names.append(f"{_name(node.func)}()")
    return names


def imports_outside(source: str, allowed: tuple[str, ...], package: str = "") -> list[str]:
    """Imports that are none of the allowed modules, nor inside one of them."""
    return [name for name in imports(source, package) if not _within(name, allowed)]


def imports_of(source: str, forbidden: tuple[str, ...], package: str = "") -> list[str]:
    """Imports of the forbidden modules or of something inside one of them."""
    return [name for name in imports(source, package) if _within(name, forbidden)]


def beyond_integers(source: str) -> list[str]:
    """Floats, true division, `%`, f-strings, lambdas and closures: not for the guard path."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            found.append(f"line {node.lineno}: the number {node.value}")
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            found.append(f"line {node.lineno}: true division")
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Mod):
            found.append(f"line {node.lineno}: %")
        elif isinstance(node, ast.Name) and node.id == "float":
            found.append(f"line {node.lineno}: float")
        elif isinstance(node, ast.JoinedStr):
            found.append(f"line {node.lineno}: f-string")
        elif isinstance(node, ast.Lambda):
            found.append(f"line {node.lineno}: lambda")
        elif isinstance(node, ast.FunctionDef):
            inner = [n for n in ast.walk(node) if isinstance(n, ast.FunctionDef) and n is not node]
            found += [f"line {n.lineno}: closure {n.name}" for n in inner]
    return found


def typed_pins(source: str) -> list[str]:
    """GPIO numbers written out in a call that makes a pin."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _name(node.func) in PIN_MAKERS:
            arguments = node.args[:1] + [word.value for word in node.keywords if word.arg == "pin"]
            if _name(node.func) == "PCNT":  # its first argument is the unit, not a pin
                arguments = arguments[1:]
            found += [f"line {a.lineno}: GPIO {a.value}" for a in arguments if _is_int(a)]
    return found


def relay_words(source: str) -> list[str]:
    """Every place that names a pin of the relay stage, or writes raw registers."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name | ast.Attribute) and _name(node) in RELAY_PINS:
            found.append(f"line {node.lineno}: {_name(node)}")
        elif isinstance(node, ast.ImportFrom):
            found += [f"line {node.lineno}: {a.name}" for a in node.names if a.name in RELAY_PINS]
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            if _name(node.value) in MEMORY:
                found.append(f"line {node.lineno}: writes {_name(node.value)}")
    return found


def not_low(source: str) -> list[str]:
    """Pins that boot.py makes without `value=0`, or touches again afterwards."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _name(node.func) == "Pin":
            values = [word.value for word in node.keywords if word.arg == "value"]
            if not values or not _is_int(values[0]) or values[0].value != 0:
                found.append(f"line {node.lineno}: a pin without value=0")
        elif isinstance(node, ast.Call) and _name(node.func) in ("value", "on", "high", "init"):
            found.append(f"line {node.lineno}: {_name(node.func)}()")
    return found


def more_than_data(source: str) -> list[str]:
    """Statements of a texts module that are not a docstring or NAME = literal."""
    found = []
    for node in ast.parse(source).body:
        value = node.value if isinstance(node, ast.Assign | ast.Expr) else None
        try:
            ast.literal_eval(value) if value is not None else found.append(f"line {node.lineno}")
        except ValueError:
            found.append(f"line {node.lineno}")
    return found


def sleeps(source: str) -> list[str]:
    """Calls and imports of sleep: a test that waits is slow on a good day, flaky on a bad one."""
    found = [name for name in imports(source) if name.endswith(".sleep")]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr == "sleep" and _name(node.func.value) in ("time", "asyncio"):
                found.append(f"line {node.lineno}: sleep")
    return found


def without_licence(text: str) -> bool:
    """Whether the first three lines (a shebang may come first) lack the SPDX line."""
    return SPDX not in "\n".join(text.splitlines()[:3])


def _within(name: str, modules: tuple[str, ...]) -> bool:
    return any(name == module or name.startswith(module + ".") for module in modules)


def _name(node: ast.AST) -> str:
    """The last word of a name or attribute: `pins.RELAY_EN` -> `RELAY_EN`."""
    return getattr(node, "attr", "") or getattr(node, "id", "")


def _is_int(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int
