# SPDX-License-Identifier: MIT
"""Doctor: is the program on the board the one that these tools would put there, file by file?

The board's list of its files with their CRC-32 ends with the CRC-32 of the list itself. That one
number stands for the whole program; the board checks the files against the list at every start.
"""

from __future__ import annotations

from binascii import crc32

from treadguard import __version__, chips, firmware, manifest
from treadguard.errors import BoardRefused, TreadguardError
from treadguard.link import interface
from treadguard.link.client import Client
from treadguard.link.frames import Message
from treadguard.setting_up.findings import Finding, good, note

NAME = "program"
LIST_DAMAGED = "its list of files is missing or damaged"
UPDATE = "`treadguard deploy` puts this tool's there"


def finding(client: Client, status: Message) -> Finding:
    """One line. Raises LinkError when the link is lost."""
    try:
        listed = "".join(f"{line}\n" for line in client.pages("describe", of="text:manifest"))
    except BoardRefused as refused:
        return _unread(_reason(refused, status))
    theirs = hash_of(listed)
    if not theirs:
        return _unread(LIST_DAMAGED)
    if not _may_be_ours(client, status):
        return _another(theirs, "")
    try:
        ours = _ours(listed, chips.of_version(str(status.get("version", ""))))
    except TreadguardError as error:
        return note(NAME, f"{theirs}, cannot be compared: {error}").with_facts(board_hash=theirs)
    if listed in ours:
        said = f"{theirs}, the same as this tool's"
        return good(NAME, said).with_facts(board_hash=theirs, tool_hash=theirs, same=True)
    return _another(theirs, hash_of(ours[-1]))


def hash_of(listed: str) -> str:
    """The eight digits at the end of a list of files; "" for a list that is not whole."""
    *lines, last = listed.splitlines() or [""]
    text = "".join(f"{line}\n" for line in lines)
    whole = f"{manifest.NAME} {crc32(text.encode()) & 0xFFFFFFFF:08x}"
    return last.split()[-1] if text and last == whole else ""


def _ours(listed: str, chip: str) -> list[str]:
    """This tool's list for a virtual board, which runs the text; then, unless it is that one, for
    a real one: that takes seconds to build."""
    found = [manifest.build(str(firmware.folder()))]
    if listed not in found:
        from treadguard.flashing.procedure import built

        found.append(built(chips.CHIPS[chip])[manifest.NAME].decode())
    return found


def _may_be_ours(client: Client, status: Message) -> bool:
    answer = client.request("describe", of="commands", at=0)
    version = str(status.get("version", ""))
    same = answer.get("hash") == interface.host_hash() and chips.plain(version) == __version__
    return same and chips.of_version(version) in chips.CHIPS


def _another(theirs: str, ours: str) -> Finding:
    said = f"{theirs}, another than this tool's" + (f", {ours}" if ours else "")
    return note(NAME, said, UPDATE).with_facts(
        board_hash=theirs, tool_hash=ours or None, same=False
    )


def _reason(refused: BoardRefused, status: Message) -> str:
    if refused.code == "UNKNOWN_NAME":
        return f"version {status.get('version')} does not tell which files it is made of"
    return LIST_DAMAGED if refused.code in ("STORE_FAILED", "INTERNAL") else str(refused)


def _unread(why: str) -> Finding:
    said = f"cannot be read because {why}"
    return note(NAME, said, UPDATE).with_facts(board_hash=None, tool_hash=None, same=None)
