# SPDX-License-Identifier: MIT
"""A chip in download mode behind a pty: what its ROM answers, and a NOR flash behind it.

The commands of the serial protocol that esptool uses with --no-stub. An erase sets whole
sectors, a write only clears bits, and an erase happens when a write is announced, as in the ROM.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable

SECTOR = 4096
FLASH_BYTES = 4 << 20
END, ESC, ESC_END, ESC_ESC = 0xC0, 0xDB, 0xDC, 0xDD
SYNC_FRAME = b"\xc0\x00\x08\x24\x00"
ROM_VALUE = 0x20120707

MAGIC_REGISTER = 0x40001000
CHIP_MAGIC = 0x00F01D83
EFUSE = 0x3FF5A000
SPI = 0x3FF42000
UART_DIVIDER = 0x3FF40014
S3_EFUSE, S3_UART_DIVIDER = 0x60007044, 0x60000014
FLASH_4_MB = 0x1640EF
NOT_SUPPORTED, CHECKSUM = 5, 7
MAC = bytes.fromhex("240ac4001234")


class Nor:
    """The flash; `writes` counts data blocks, so that a test can stop after any."""

    def __init__(self, size: int = FLASH_BYTES) -> None:
        self.data = bytearray(b"\xff" * size)

    def erase(self, at: int, size: int) -> None:
        end = -(-(at + size) // SECTOR) * SECTOR
        begin = at // SECTOR * SECTOR
        self.data[begin:end] = b"\xff" * (end - begin)

    def program(self, at: int, data: bytes) -> None:
        old = int.from_bytes(self.data[at : at + len(data)], "little")
        new = old & int.from_bytes(data, "little")
        self.data[at : at + len(data)] = new.to_bytes(len(data), "little")


class Rom:
    """Bytes in, bytes out. `chip` is the id of the security info; None = the plain ESP32."""

    spi, spi_word = SPI, 0x80  # the flash chip's port, and its first data word

    def __init__(self, flash: Nor, chip: int | None = None, flash_id: int = FLASH_4_MB) -> None:
        self.flash = flash
        self.chip = chip
        self.flash_id = flash_id
        self.blocks = 0
        self.commands: list[int] = []
        self.after_block: Callable[[int], None] = lambda _: None
        self._frame: bytearray | None = None
        self._escaped = False
        self._at = 0
        self._inflate = zlib.decompressobj()
        self.mac = MAC
        low, high = int.from_bytes(MAC[2:], "big"), int.from_bytes(MAC[:2], "big")
        self.registers = {
            MAGIC_REGISTER: CHIP_MAGIC,
            EFUSE + 4: low,
            EFUSE + 8: high,
            UART_DIVIDER: 347,
        }

    def feed(self, data: bytes) -> bytes:
        """The answers to what arrived."""
        out = b""
        for byte in data:
            if byte == END:
                if self._frame:
                    out += self._command(bytes(self._frame))
                self._frame = bytearray()
            elif self._frame is None:
                continue
            elif byte == ESC:
                self._escaped = True
            elif self._escaped:
                self._escaped = False
                self._frame.append({ESC_END: END, ESC_ESC: ESC}.get(byte, byte))
            else:
                self._frame.append(byte)
        return out

    def _command(self, frame: bytes) -> bytes:
        if len(frame) < 8 or frame[0] != 0:
            return b""
        operation, size, checksum = struct.unpack_from("<xBHI", frame)
        self.commands.append(operation)
        body = frame[8 : 8 + size]
        if operation == 0x08:
            return self._answer(operation) * 8
        handler = getattr(self, f"_do_{operation:02x}", None)
        if handler is None:
            return self._answer(operation, error=NOT_SUPPORTED)
        return bytes(handler(operation, body, checksum))

    def _answer(self, op: int, value: int = ROM_VALUE, data: bytes = b"", error: int = 0) -> bytes:
        body = data + bytes([error != 0, error, 0, 0])
        frame = struct.pack("<BBHI", 1, op, len(body), value) + body
        frame = frame.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
        return b"\xc0" + frame + b"\xc0"

    # Registers.

    def _do_0a(self, op: int, body: bytes, _: int) -> bytes:
        (address,) = struct.unpack_from("<I", body)
        if address == self.spi:
            return self._answer(op, 0)  # the SPI command is done at once
        if address == self.spi + self.spi_word:
            return self._answer(op, self.flash_id)
        return self._answer(op, self.registers.get(address, 0))

    def _do_09(self, op: int, body: bytes, _: int) -> bytes:
        address, value = struct.unpack_from("<II", body)
        if not self.spi <= address < self.spi + 0x100:
            self.registers[address] = value
        return self._answer(op)

    def _do_14(self, op: int, body: bytes, _: int) -> bytes:
        if self.chip is None:
            return self._answer(op, error=NOT_SUPPORTED)
        return self._answer(op, data=struct.pack("<IB7sII", 0, 0, bytes(7), self.chip, 0))

    def _fine(self, op: int, body: bytes, _: int) -> bytes:
        return self._answer(op)

    _do_0b = _do_0d = _do_0f = _fine  # SPI parameters, SPI attach, baud rate

    # Flash.

    def _do_0e(self, op: int, body: bytes, _: int) -> bytes:
        at, size = struct.unpack("<II", body)
        data = bytes(self.flash.data[at : at + size]).ljust(64, b"\0")
        return self._answer(op, data=data)

    def _do_13(self, op: int, body: bytes, _: int) -> bytes:
        at, size = struct.unpack_from("<II", body)
        text = hashlib.md5(self.flash.data[at : at + size]).hexdigest()
        return self._answer(op, data=text.encode())

    def _do_02(self, op: int, body: bytes, _: int) -> bytes:
        size, _blocks, _block, self._at = struct.unpack_from("<IIII", body)
        self.flash.erase(self._at, size)
        self._inflate = zlib.decompressobj()
        return self._answer(op)

    _do_10 = _do_02

    def _do_03(self, op: int, body: bytes, checksum: int) -> bytes:
        data = body[16:]
        total = 0xEF
        for byte in data:
            total ^= byte
        if total != checksum & 0xFF:
            return self._answer(op, error=CHECKSUM)
        self._store(self._inflate.decompress(data) if op == 0x11 else data)
        return self._answer(op)

    _do_11 = _do_03

    def _store(self, data: bytes) -> None:
        self.flash.program(self._at, data)
        self._at += len(data)
        self.blocks += 1
        self.after_block(self.blocks)


class S3Rom(Rom):
    """An ESP32-S3 behind the bridge of its UART socket."""

    spi, spi_word = 0x60002000, 0x58

    def __init__(self, flash: Nor, flash_id: int = FLASH_4_MB) -> None:
        super().__init__(flash, 9, flash_id)
        low, high = int.from_bytes(MAC[2:], "big"), int.from_bytes(MAC[:2], "big")
        self.registers = {S3_EFUSE: low, S3_EFUSE + 4: high, S3_UART_DIVIDER: 347}
