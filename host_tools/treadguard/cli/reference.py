# SPDX-License-Identifier: MIT
"""docs/cli.md, written from the commands themselves: `python -m treadguard.cli.reference`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, get_args

from treadguard import errors

PLACEHOLDERS: dict[Any, str] = {int: "N", Path: "PATH"}

INTRODUCTION = """\
# Command reference

Generated from the commands themselves with `python -m treadguard.cli.reference docs/cli.md`;
a test compares. Data goes to stdout, everything else to stderr. `--json` prints one object
with a versioned `schema` (`watch` and `logs show`: one object a line). Nothing asks a question
when stdin is no terminal, `NO_COLOR` turns colour off, `TREADGUARD_DEBUG=1` shows the
traceback behind an error.

The port is chosen in this order: `--port`, the environment's `TREADGUARD_PORT`, the board
remembered with `treadguard ports --remember`, the only ESP32 connected. Several boards are
never tried in turn: the command refuses and lists them. Every pyserial URL works, for example
`socket://127.0.0.1:5000`.

Values are typed with their unit (`2.5 mph`, `3 km/h`, `400 ms`, `15 min`, `10 %`, `30 mm`);
a bare number is refused. Lowering a limit needs no question, raising one must be confirmed
here (`--yes` where nobody can be asked) and every change by holding START at the board.

## Exit codes

| code | meaning |
|---|---|
"""


def markdown() -> str:
    """The whole page."""
    from typer.main import get_command

    from treadguard.cli.main import PROGRAM, app

    rows = "".join(f"| {code} | {meaning} |\n" for code, meaning in errors.EXIT_CODES.items())
    sections = "\n".join(_section(PROGRAM, get_command(app)))
    return f"{INTRODUCTION}{rows}\n{sections}"


def _section(path: str, command: Any) -> Iterator[str]:
    commands = getattr(command, "commands", None)
    if commands is None:
        yield from _command(path, command)
        return
    if " " in path:
        yield f"## `{path}`\n\n{_help(command)}\n"
    for name, child in commands.items():
        yield from _section(f"{path} {name}", child)


def _command(path: str, command: Any) -> Iterator[str]:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option"]
    words = [path, *(_usage(a) for a in arguments), "[OPTIONS]"]
    level = "##" if path.count(" ") == 1 else "###"
    yield f"{level} `{path}`\n\n{_help(command)}\n\n```\n{' '.join(words)}\n```\n"
    rows = [f"| `{_usage(a)}` | {_cell(a)} |" for a in arguments]
    rows += [f"| `{_flags(o)}` | {_cell(o)} |" for o in options]
    if rows:
        yield "| argument or option | meaning |\n|---|---|\n" + "\n".join(rows) + "\n"


def _usage(argument: Any) -> str:
    # A metavar with blanks or dots already says how often.
    name = argument.metavar or argument.name.upper()
    many = "..." if argument.nargs == -1 and "..." not in name else ""
    return f"{name}{many}" if argument.required else f"[{name}{many}]"


def _flags(option: Any) -> str:
    flags = ", ".join(sorted(option.opts, key=len))
    return flags if option.is_bool_flag else f"{flags} {_placeholder(option)}"


def _placeholder(option: Any) -> str:
    return str(option.metavar or PLACEHOLDERS.get(_kind(option), "TEXT"))


def _cell(parameter: Any) -> str:
    text = " ".join((parameter.help or "").split()).replace("|", "\\|")
    kind = _kind(parameter)
    if issubclass(kind, Enum):
        text += f" One of {', '.join(str(choice.value) for choice in kind)}."
    default = parameter.default
    if isinstance(default, str | int | Path) and not isinstance(default, bool):
        text += f" Default: `{getattr(default, 'value', default)}`."
    return text.strip()


def _kind(parameter: Any) -> type:
    annotation = parameter.type_descriptor.annotation
    kinds = [annotation, *get_args(annotation)]
    return next((kind for kind in kinds if isinstance(kind, type)), str)


def _help(command: Any) -> str:
    text = command.help or ""
    return re.sub(r"[ \t]*\n[ \t]*", "\n", text.strip())


def main() -> None:
    """Write the page to the path on the command line, or to stdout."""
    text = markdown()
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text, encoding="utf-8")
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
