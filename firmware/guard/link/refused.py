# SPDX-License-Identifier: MIT
"""A refusal with a stable code, a sentence and the field at fault; and how fields are read."""


class Refused(Exception):
    def __init__(self, code, say, field=None):
        self.code = code
        self.say = say
        self.field = field


def number(request, field, default, lowest, highest):
    """An integer field; type(), because JSON's true must not pass for 1."""
    value = request.get(field, default)
    if type(value) is not int:
        raise Refused("BAD_VALUE", "%s takes a whole number." % field, field)
    if not lowest <= value <= highest:
        raise Refused("OUT_OF_RANGE", "%s takes %d to %d." % (field, lowest, highest), field)
    return value


def flag(request, field):
    """A field that is true, or false, or absent."""
    value = request.get(field, False)
    if value is not True and value is not False:
        raise Refused("BAD_VALUE", "%s takes true or false." % field, field)
    return value


def text(request, field):
    value = request.get(field)
    if not isinstance(value, str):
        raise Refused("BAD_VALUE", "%s takes a word." % field, field)
    return value
