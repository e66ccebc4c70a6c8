# SPDX-License-Identifier: MIT
"""Write a file whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from treadguard.errors import FileInvalid


def write_whole(path: Path, data: bytes) -> None:
    """Write beside, then rename: on any error and on Ctrl-C what was there stays as it was.

    Raises FileInvalid with the reason, for example a full disk.
    """
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise FileInvalid(f"{path} cannot be written: {error.strerror}") from None
    except BaseException:
        part.unlink(missing_ok=True)
        raise
