# SPDX-License-Identifier: MIT
"""What a deployment finds too late: a board that an earlier one left at its prompt, and records
that the controller wrote between the backup and its end."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from treadguard.deploying import program
from treadguard.errors import LinkError, NotRunningError
from treadguard.files import write_whole
from treadguard.flashing import backup, restore
from treadguard.flashing.backup import Backup
from treadguard.link import client as link
from treadguard.link import pull

Say = Callable[[str], None]


def started_anew(port: str, say: Say) -> bool:
    """Whether a controller came out of the prompt: only it can tell what its records are, and give
    them and its settings away. LinkError when neither it nor the prompt comes back."""
    if "guard/" not in program.run(port, "fs", "ls").split():
        return False
    say("only MicroPython's prompt answers: starting the controller again ...")
    program.run(port, "reset")
    deadline = time.monotonic() + restore.STARTS_S
    while True:
        with link.open_client(port) as client:
            try:
                client.attach()
                return True
            except NotRunningError:
                return False
            except LinkError:
                if time.monotonic() > deadline:
                    raise


def save(port: str, saved: Backup, letters: str, sizes: Mapping[str, int]) -> None:
    """Of the records that will be cleared those that are not saved as they are now: an event at
    least tells of the maintenance itself. The journal's number goes on behind the last of them."""
    names = [name for name in sorted(sizes) if name[:1] in letters and backup.is_record(name)]
    found = [name for name in names if _size(saved.folder / name) != sizes[name]]
    for name in found:
        data = _copied(port, name, sizes[name])
        write_whole(saved.folder / name, data)
        saved.next_seq = max(saved.next_seq, backup.next_number({name: data}))
        pull.note_changed(saved.folder, name)
    saved.records = max(saved.records, len(names))


def _copied(port: str, name: str, size: int) -> bytes:
    with tempfile.TemporaryDirectory(prefix="treadguard-") as folder:
        limit_s = program.SHORT_S + size / program.SLOWEST_BYTES_S
        program.run(port, "fs", "cp", f":{name}", f"{folder}/{name}", timeout_s=limit_s)
        data = (Path(folder) / name).read_bytes()
    if len(data) != size:
        raise LinkError(
            f"{name} did not arrive whole from the board on {port}: run the command again; it"
            " still has the old version"
        )
    return data


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else -1
