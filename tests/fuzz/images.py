# SPDX-License-Identifier: MIT
"""Mutated images of everything on flash, through the firmware's own store code.

An image is damaged as flash and power cuts damage it (bits, bytes, cut or grown ends, pieces out
of place), and now and then given a CRC that fits, so that ranges are tested and not only CRCs.
Whatever the store takes, the oracle must take, with the same values; nothing may raise.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from guard.core.memory import Memory
from guard.core.parameters import Settings
from guard.record import blob
from guard.record.config_store import OK, ConfigStore
from guard.record.journal import Journal
from tests.fuzz import oracle
from tests.support.memory_files import MemoryFiles

KINDS = ("settings", "journal", "blob")
ODD_VALUES: tuple[Any, ...] = (
    -1, 0, 1, 2, 139, 140, 1118, 1119, 10**6, 2**31, -(2**40), 10**30, 1.0, 1e3, True, None, "1",
    [], {}, [[[]]],
)  # fmt: skip


@dataclass
class Figures:
    images: int = 0
    taken: int = 0  # images that the store found sound
    refused: int = 0
    failures: list[str] = field(default_factory=list)


def spoil(rng: random.Random, data: bytes) -> bytes:
    """One to four hurts."""
    hurt = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        at = rng.randrange(len(hurt) + 1)
        how = rng.randrange(7)
        if how == 0 and hurt:
            hurt[at % len(hurt)] ^= 1 << rng.randrange(8)
        elif how == 1 and hurt:
            hurt[at % len(hurt)] = rng.randrange(256)
        elif how == 2:
            del hurt[at:]
        elif how == 3:
            del hurt[at : at + rng.randrange(1, 40)]
        elif how == 4:
            hurt[at:at] = rng.randbytes(rng.randrange(1, 40))
        elif how == 5:
            hurt[at : at + 64] = b"\xff" * len(hurt[at : at + 64])  # erased flash
        else:
            piece = hurt[at : at + 40]
            other = rng.randrange(len(hurt) + 1)
            hurt[other:other] = piece
    return bytes(hurt)


# Settings


def good_settings(rng: random.Random) -> dict[str, Any]:
    return {name: rng.choice((row[0], row[1], row[2])) for name, row in oracle.table().items()}


def settings_image(rng: random.Random) -> bytes:
    values = good_settings(rng)
    whole: Any = {"schema": 1, "generation": rng.randrange(9), "values": values}
    how = rng.randrange(4)
    if how == 0:
        values[rng.choice(list(values))] = rng.choice(ODD_VALUES)
    elif how == 1:
        whole[rng.choice(list(whole))] = rng.choice(ODD_VALUES)
    elif how == 2:
        del values[rng.choice(list(values))]
        values[rng.choice(("unknown", "Calibration", ""))] = rng.choice(ODD_VALUES)
    text = json.dumps(whole).encode()
    if rng.randrange(3) == 0:
        text = spoil(rng, text).replace(b"\n", b" ")  # the CRC below fits
    data = text + b"\n%08x\n" % crc32(text)
    return data if rng.randrange(3) == 0 else spoil(rng, data)


def try_settings(rng: random.Random, figures: Figures) -> str:
    files = MemoryFiles()
    for name in ("config.json", "config.old"):
        if rng.randrange(4):
            files.files[name] = settings_image(rng)
    store = ConfigStore(files)
    values, status = store.load()
    expected = oracle.settings(files.files.get("config.json"))
    figures.taken += status == OK
    if (status == OK) != (expected is not None):
        return f"status {status} for {files.files}"
    fallback = oracle.settings(files.files.get("config.old"))
    sound = expected if expected is not None else fallback
    if sound is not None and values != sound:
        return f"{values} instead of {sound}"
    taken = Settings()
    if taken.load(values) or not oracle.in_range(taken.as_dict()):
        return f"{taken.as_dict()} takes effect"
    store.save(taken.as_dict())
    again = ConfigStore(files).load()
    return "" if again == (taken.as_dict(), OK) else f"saved settings read back as {again}"


# The NVS blob


def try_blob(rng: random.Random, figures: Figures) -> str:
    memory = Memory()
    for name, width in oracle.BLOB_FIELDS:
        setattr(memory, name, rng.choice((0, 1, rng.randrange(256), (1 << 8 * width) - 2)) % (
            1 << 8 * width))  # fmt: skip
    buf = bytearray(128)
    blob.pack(memory, buf)
    image = bytearray(spoil(rng, bytes(buf)))
    if rng.randrange(3) == 0 and len(image) == 128:
        image[124:] = crc32(image[:124]).to_bytes(4, "little")
    found = Memory()
    before = dict(found.__dict__, counters=bytes(found.counters))
    sound = blob.unpack(found, image)
    expected = oracle.blob(bytes(image))
    figures.taken += sound
    if sound != (expected is not None):
        return f"{'taken' if sound else 'refused'}: {image.hex()}"
    after = dict(found.__dict__, counters=bytes(found.counters))
    if expected is None:
        return "" if after == before else "something was taken from a damaged blob"
    wrong = [n for n, _ in oracle.BLOB_FIELDS if after[n] != expected[n]]
    counters = expected["counters"][: len(found.counters)]
    return f"{wrong} of {image.hex()}" if wrong or bytes(found.counters) != counters else ""


# The journal


def journal_image(rng: random.Random, first: int) -> bytes:
    files = MemoryFiles()
    journal = Journal(files)
    journal.resume(rng.randrange(99), first)
    for _ in range(rng.randrange(1, 25)):
        text = rng.randbytes(rng.choice((0, 0, 8, 68)))
        journal.append(
            rng.randrange(1 << 30), rng.randrange(1, 15), rng.randrange(-9, 99), 0, 0, text
        )
        if rng.randrange(5) == 0:
            journal.save_piece()
    while journal.save_piece():
        pass
    return b"".join(files.files.values())


def try_journal(rng: random.Random, figures: Figures) -> str:
    """What was intact before the start is there after it, in its order; numbers go on."""
    first = rng.choice((1, 40, 7000))
    image = spoil(rng, journal_image(rng, first))
    files = MemoryFiles({f"j{first:08d}.bin": image})
    if rng.randrange(4) == 0:
        files.files["j.tmp"] = rng.randbytes(30)
    intact = oracle.frames(image)
    figures.taken += bool(intact)
    journal = Journal(files)
    journal.resume(3, rng.choice((0, first)))
    highest = max([oracle.seq(frame) for frame in intact], default=0)
    if journal.next_seq <= highest:
        return f"number {journal.next_seq} is given again in {image.hex()}"
    if journal.next_seq < 2**31:
        journal.append(5, 2, 1, 0, 0)
    while journal.save_piece():
        pass
    left = [f for name in sorted(files.files) for f in oracle.frames(files.files[name])]
    kept = left[: len(intact)] == intact
    return (
        "" if kept and len(left) > len(intact) else f"{len(intact)} frames before, {image.hex()}"
    )


TRIES = {"settings": try_settings, "journal": try_journal, "blob": try_blob}


def try_one(seed: int, number: int, figures: Figures) -> None:
    """Image `number` of a seed."""
    kind = KINDS[number % len(KINDS)]
    rng = random.Random(f"{seed} {kind} {number}")
    figures.images += 1
    taken = figures.taken
    try:
        wrong = TRIES[kind](rng, figures)
    except Exception as error:
        wrong = f"{type(error).__name__}: {error}"
    figures.refused += figures.taken == taken
    if wrong:
        figures.failures.append(f"image {number} of seed {seed} ({kind}): {wrong[:400]}")
