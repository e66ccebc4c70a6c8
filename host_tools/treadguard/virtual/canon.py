# SPDX-License-Identifier: MIT
"""JSON that comes out the same on both interpreters: sorted keys, no spaces, ASCII.

MicroPython's dicts have no order, so json.dumps would not do.
"""


def dump(value):
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, dict):
        keys = sorted(value.keys())
        return "{" + ",".join([quote(key) + ":" + dump(value[key]) for key in keys]) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join([dump(item) for item in value]) + "]"
    return quote(str(value))


def quote(text):
    out = ""
    for char in text:
        code = ord(char)
        if char in ('"', "\\"):
            out += "\\" + char
        elif 32 <= code < 127:
            out += char
        else:
            out += "\\u%04x" % (code & 0xFFFF)
    return '"' + out + '"'
