# SPDX-License-Identifier: MIT
"""`treadguard config`: show, change, check, compare, export and import the board's limits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from treadguard.cli.output import (
    DryRunOption,
    JsonOption,
    Output,
    PortOption,
    QuietOption,
    YesOption,
    table,
)
from treadguard.errors import FileInvalid, UsageError

app = typer.Typer(
    help="Limits and times: show, change, check, compare, export, import.", no_args_is_help=True
)

FileArgument = Annotated[Path, typer.Argument(help="A file as `config export` writes it.")]


@app.callback()
def config() -> None:
    """Limits and times: show, change, check, compare, export, import."""


@app.command()
def show(port: PortOption = None, as_json: JsonOption = False, quiet: QuietOption = False) -> None:
    """Show every parameter with its value, range and default."""
    from treadguard import firmware

    out = Output("config.show", as_json, quiet)
    values = _board_values(port, out)
    out.result(_values_data(values), lambda: _value_table(values, list(firmware.parameters())))


@app.command()
def get(
    names: Annotated[list[str], typer.Argument(help="Parameter names, unit suffix optional.")],
    port: PortOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show some parameters."""
    from treadguard import config_files

    out = Output("config.get", as_json, quiet)
    wanted = [config_files.find_parameter(name).name for name in names]
    values = _board_values(port, out)
    some = {name: values[name] for name in wanted}
    out.result(_values_data(some), lambda: _value_table(some, wanted))


@app.command("set")
def set_(
    pairs: Annotated[
        list[str],
        typer.Argument(metavar="NAME VALUE ...", help='For example: backward_limit "3 km/h".'),
    ],
    port: PortOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Change parameters: all of them or none, confirmed with START at the board."""
    out = Output("config.set", as_json, quiet)
    wanted = _typed_pairs(pairs, out)
    _change(port, out, wanted, yes, dry_run)


@app.command()
def check(file: FileArgument, as_json: JsonOption = False, quiet: QuietOption = False) -> None:
    """Check a configuration file; needs no board."""
    from treadguard import config_files

    out = Output("config.check", as_json, quiet)
    values = config_files.read(file).values
    out.result(
        {"file": str(file), "values": values}, [f"{file}: {len(values)} parameters, all valid"]
    )


@app.command()
def diff(
    file: Annotated[
        Path | None, typer.Argument(help="A file to compare with; without one, the defaults.")
    ] = None,
    port: PortOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show where the board differs from a file or from the defaults."""
    from treadguard import config_files, firmware
    from treadguard.config_push import changes_to

    out = Output("config.diff", as_json, quiet)
    if file is None:
        other = {p.name: p.default for p in firmware.parameters().values() if p.settable}
    else:
        other = config_files.read(file).values
    name = str(file) if file is not None else "defaults"
    different = changes_to(other, _board_values(port, out))
    rows = [(c.name, _human(c.old, c.unit), _human(c.new, c.unit)) for c in different]
    data = {
        "other": name,
        "different": [
            {"name": c.name, "unit": c.unit, "other": c.old, "board": c.new} for c in different
        ],
    }
    lines = table(rows, ("PARAMETER", name.upper() if file is None else name, "BOARD"))
    out.result(data, lines if rows else [f"no difference from {name}"])


@app.command()
def export(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; stdout without it.")
    ] = None,
    port: PortOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write the board's configuration as TOML, units and ranges in comments."""
    from treadguard import config_files
    from treadguard.cli.connect import connected
    from treadguard.config_push import read_values

    out = Output("config.export", as_json, quiet)
    with connected(port, out) as client:
        values = read_values(client)
        status = client.status_at_attach
    about = {key: str(status.get(key, "")) for key in ("board", "version")}
    text = config_files.export(values, about)
    if output is not None:
        _write_new(output, text)
        out.note(f"written to {output}")
    lines = [] if output is not None else text.splitlines()
    out.result({"values": values, "file": str(output) if output else None}, lines)


@app.command("import")
def import_(
    file: FileArgument,
    port: PortOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Bring a file's values onto the board: all of them or none."""
    from treadguard import config_files

    out = Output("config.import", as_json, quiet)
    wanted = config_files.read(file).values
    if not wanted:
        raise FileInvalid(f"{file} holds no parameter: nothing to import")
    _change(port, out, wanted, yes, dry_run)


@app.command()
def defaults(
    port: PortOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Set limits and times back to their defaults; calibration and measurements stay."""
    from treadguard import firmware

    out = Output("config.defaults", as_json, quiet)
    wanted = {
        p.name: p.default
        for p in firmware.parameters().values()
        if p.settable and p.group != "calibration"
    }
    _change(port, out, wanted, yes, dry_run)


def _change(
    port: str | None, out: Output, wanted: dict[str, int], yes: bool, dry_run: bool
) -> None:
    from treadguard.cli.change import change_board
    from treadguard.cli.connect import connected

    with connected(port, out) as client:
        change_board(client, out, wanted, yes, dry_run)


def _typed_pairs(pairs: list[str], out: Output) -> dict[str, int]:
    from treadguard import config_files, units

    words = [word for pair in pairs for word in pair.split("=", 1)]
    if len(words) % 2:
        raise UsageError(
            f'{words[-1]} has no value: write NAME VALUE, as in backward_limit "3 km/h"'
        )
    wanted: dict[str, int] = {}
    for name, text in zip(words[::2], words[1::2], strict=True):
        parameter = config_files.find_parameter(name)
        if not parameter.settable:
            raise UsageError(f"{parameter.name} is measured by the board and cannot be set")
        if parameter.name in wanted:
            raise UsageError(f"{parameter.name} is given twice: give it once")
        typed = units.parse(text, parameter)
        wanted[parameter.name] = typed.value
        out.note(f"{parameter.name}: {typed.became()}")
    return wanted


def _board_values(port: str | None, out: Output) -> dict[str, int]:
    from treadguard.cli.connect import connected
    from treadguard.config_push import read_values

    with connected(port, out) as client:
        return read_values(client)


def _values_data(values: dict[str, int]) -> dict[str, Any]:
    from treadguard import firmware

    rows = firmware.parameters()
    return {
        "values": [
            {
                "name": name,
                "value": value,
                "unit": rows[name].unit,
                "default": rows[name].default,
                "lowest": rows[name].lowest,
                "highest": rows[name].highest,
                "group": rows[name].group,
            }
            for name, value in values.items()
        ]
    }


def _value_table(values: dict[str, int], names: list[str]) -> list[str]:
    from treadguard import firmware, units

    rows = []
    for name in names:
        p = firmware.parameters()[name]
        span = f"{p.lowest}..{p.highest}" if p.settable else "measured"
        mark = "" if values[name] == p.default else "*"
        rows.append((name, units.human(values[name], p.unit), mark, span, str(p.default)))
    return table(rows, ("PARAMETER", "VALUE", "", "RANGE", "DEFAULT"))


def _human(value: int, unit: str) -> str:
    from treadguard import units

    return units.human(value, unit)


def _write_new(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FileInvalid(f"{path} cannot be written: {error.strerror}") from None
