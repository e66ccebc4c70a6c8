# SPDX-License-Identifier: MIT
"""One way onto the board for every command that changes it: show, ask, push, report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treadguard.cli.output import Output
from treadguard.errors import NotConfirmed, UsageError

if TYPE_CHECKING:
    from treadguard.config_push import Change
    from treadguard.link.client import Client


def change_board(
    client: Client, out: Output, wanted: dict[str, int], yes: bool, dry_run: bool
) -> None:
    """Show old -> new, have loosened limits confirmed, push, report."""
    from treadguard import config_files, config_push

    current = config_push.read_values(client)
    problems = config_files.combination_problems({**current, **wanted})
    if problems:
        raise UsageError(f"{'; '.join(problems)}; nothing was changed")
    changes = config_push.changes_to(current, wanted)
    first = config_push.unwritten(client.status_at_attach)
    for change in changes:
        out.note(change.line())
    if (changes or first) and not dry_run:
        _ask_loosening(changes, out, yes)
        config_push.push(client, wanted, out.note)
    out.result(
        {"dry_run": dry_run, "first": first, "changes": [c.data() for c in changes]},
        [_said(changes, first, dry_run)],
    )


def _ask_loosening(changes: list[Change], out: Output, yes: bool) -> None:
    looser = [c.name for c in changes if c.loosens]
    if looser and not out.confirm(
        f"{', '.join(looser)}: the board will permit more than before. Is that meant?", yes
    ):
        raise NotConfirmed("nothing was changed: the raised limits were not confirmed here")


def _said(changes: list[Change], first: bool, dry_run: bool) -> str:
    if not changes and not first:
        return "the board already has these values"
    if not changes:
        return f"the values {'would be' if dry_run else 'were'} stored for the first time"
    count = "1 parameter" if len(changes) == 1 else f"{len(changes)} parameters"
    return f"{count} would change" if dry_run else f"{count} changed, read back and compared"
