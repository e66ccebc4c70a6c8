# SPDX-License-Identifier: MIT
"""A byte channel to the board: any port path or pyserial URL, blocking reads with a deadline.

Modem lines: the Linux driver raises DTR and RTS on open and both stay up; on an auto-reset
circuit only unequal levels do something. On close RTS falls first, then DTR, so that the pair
never passes through "DTR low, RTS high", which is reset.
"""

from __future__ import annotations

import contextlib
import errno
import sys
import time
from pathlib import Path
from typing import Any, Protocol

from treadguard.errors import LinkError, NoBoardError

BAUD = 115200
READ_SLICE_S = 0.05  # longest single blocking read; a deadline is met to within this
WRITE_TIMEOUT_S = 2.0


class Transport(Protocol):
    """What the client needs of a channel."""

    name: str

    def read(self, deadline: float) -> bytes:
        """At least one byte, or b"" when time.monotonic() passed `deadline`."""

    def write(self, data: bytes) -> None:
        """Send all of `data`."""

    def close(self) -> None:
        """Release the port; may be called twice."""


class SerialTransport:
    """pyserial behind four methods, so that another library can take its place."""

    def __init__(self, url: str) -> None:
        self.name = url
        self._serial = _open(url)

    def read(self, deadline: float) -> bytes:
        """At least one byte, or b"" at the deadline; LinkError when the port went away."""
        while True:
            try:
                data: bytes = self._serial.read(max(1, self._serial.in_waiting))
            except (OSError, TypeError) as error:  # TypeError: pyserial after a close
                raise LinkError(f"the link on {self.name} was lost: {_short(error)}") from error
            if data or time.monotonic() >= deadline:
                return data

    def write(self, data: bytes) -> None:
        """Send all of `data`; LinkError when the port does not take it."""
        try:
            self._serial.write(data)
        except (OSError, TypeError) as error:
            raise LinkError(f"the link on {self.name} was lost: {_short(error)}") from error

    def close(self) -> None:
        """RTS, then DTR, then the port."""
        if not self._serial.is_open:
            return
        for line in ("rts", "dtr"):
            with contextlib.suppress(OSError):  # a pty has no modem lines: ENOTTY
                setattr(self._serial, line, False)
        with contextlib.suppress(OSError):
            self._serial.close()


def _open(url: str) -> Any:
    import serial

    try:
        port = serial.serial_for_url(
            url,
            baudrate=BAUD,
            timeout=READ_SLICE_S,
            write_timeout=WRITE_TIMEOUT_S,
            exclusive=True,
        )
    except ValueError as error:
        raise NoBoardError(f"{url} is no port or URL that can be opened: {error}") from error
    except OSError as error:
        raise _cannot_open(url, error) from error
    return port


def _cannot_open(url: str, error: OSError) -> NoBoardError:
    code = error.errno
    text = str(error)
    denied = code == errno.EACCES or "Permission" in text or "Access is denied" in text
    # Windows has no right to give: "access denied" there means that another program has it.
    if (
        "lock" in text
        or code in (errno.EBUSY, errno.EAGAIN)
        or (denied and sys.platform == "win32")
    ):
        return NoBoardError(f"{url} is in use by another program: close it and try again")
    if denied:
        return NoBoardError(f"no right to open {url}: run `{access_remedy(url)}`")
    if code == errno.ENOENT or "No such file" in text or "could not find" in text.lower():
        return NoBoardError(f"{url} does not exist: `treadguard ports` lists what does")
    return NoBoardError(f"{url} cannot be opened: {_short(error)}")


def access_remedy(url: str) -> str:
    """The one command that gives this user access to the port, on this system."""
    group = _owning_group(url)
    if group in ("", "root", "wheel"):
        return f"sudo chmod a+rw {url}"
    return f"sudo usermod -aG {group} $USER && newgrp {group}"


def _owning_group(url: str) -> str:
    # dialout on Debian and its family, uucp on Arch: the device node itself knows.
    try:
        import grp

        return grp.getgrgid(Path(url).stat().st_gid).gr_name
    except (OSError, KeyError, ImportError):
        return ""


def _short(error: BaseException) -> str:
    text = str(error) or type(error).__name__
    return text.partition("(")[0].strip().rstrip(":") or text
