# SPDX-License-Identifier: MIT
"""MicroPython only: the raw REPL of a board, with raw paste, on stdin and stdout.

The unix port has no raw REPL before 1.27. The window is the ESP32's: half of 256 bytes.
"""

import io
import sys

BANNER = b"raw REPL; CTRL-B to exit\r\n"
WINDOW = 128
source = sys.stdin.buffer
sink = sys.stdout.buffer
names = {"__name__": "__main__"}


def execute(code):
    sink.write(b"")
    try:
        exec(code, names)
        error = ""
    except Exception as problem:
        text = io.StringIO()
        sys.print_exception(problem, text)
        error = text.getvalue()
    sink.write(b"\x04" + error.encode() + b"\x04>")


def paste():
    """The host sends as much as the window allows."""
    sink.write(b"R\x01" + bytes([WINDOW, 0]))
    code = b""
    while True:
        byte = source.read(1)
        if not byte:
            raise EOFError  # the host has gone
        if byte == b"\x04":
            sink.write(b"\x04")
            return code
        code += byte
        if len(code) % WINDOW == 0:
            sink.write(b"\x01")


def main():
    code = b""
    raw = False
    while True:
        byte = source.read(1)
        if not byte:
            return
        if byte == b"\x01":
            code = b""
            raw = True
            sink.write(BANNER + b">")
        elif byte == b"\x02" or (byte == b"\n" and not raw):
            raw = False
            sink.write(b"\r\n>>> ")
        elif not raw:
            pass  # a line typed at the prompt: nothing is done with it
        elif byte == b"\x05":
            source.read(2)
            execute(paste())
        elif byte == b"\x04" and not code:
            names.clear()
            names["__name__"] = "__main__"
            sink.write(b"OK\r\nMPY: soft reboot\r\n" + BANNER + b">")
        elif byte == b"\x04":
            sink.write(b"OK")
            execute(code)
            code = b""
        elif byte not in (b"\x03", b"\r"):
            code += byte


if __name__ == "__main__":
    main()
