# SPDX-License-Identifier: MIT
"""The modules of the source, as seen from a folder that treadguard.board.build has made.

There most of them are one module, numbers have no names and names are others; FOLDER.symbols
says which. What imports `guard.core.states`, a preset or a test, gets a stand-in that looks
each name up. Nothing is read before the first name is asked for, so that a board's heap can be
measured. Without FOLDER.symbols, nothing is done: the folder holds the source.
"""

import json
import os
import sys

REST = "="
METHODS = "."
ENTRY = "guard.controller"
LATER = "guard.link.requests"


class StandIn:
    """One module of the source."""

    def __init__(self, path, name):
        self._path = path
        self._name = name
        self._found = None

    def __getattr__(self, word):
        inside = sys.modules.get(self._name + "." + word)
        if inside is not None:
            return inside
        if self._found is None:
            self._found = json.loads(line_of(self._path, self._name))
        if word not in self._found:
            raise AttributeError(self._name + "." + word)
        value = self._found[word]
        if not isinstance(value, int):
            module, _, name = value.partition(":")
            value = rest(self._path)[name] if module == REST else member(module, name)
        if ENTRY in sys.modules:
            give_old_names(self._path, sys.modules[ENTRY])
        setattr(self, word, value)
        return value


def stand_in(firmware_dir):
    """Put the stand-ins of a built folder into sys.modules; whether it is a built one."""
    path = firmware_dir + ".symbols"
    try:
        os.stat(path)
    except OSError:
        return False
    with open(path) as f:
        names = f.readline().split()
    for name in names:
        if not is_folder(firmware_dir + "/" + name.replace(".", "/")):
            sys.modules[name] = StandIn(path, name)
    return True


def is_folder(path):
    """Packages that the built folder has, too."""
    try:
        return os.stat(path)[0] & 0xF000 == 0x4000
    except OSError:
        return False


def line_of(path, name):
    """What follows a name in the symbols."""
    with open(path) as f:
        f.readline()  # the names
        for line in f:
            if line.startswith(name + " "):
                return line[len(name) + 1 :]
    return "{}"


def member(module, name):
    __import__(module)
    return getattr(sys.modules[module], name)


def give_old_names(path, controller):
    """Methods answer to their names in the source too: presets and tests call them so."""
    found = controller.__dict__
    loaded = LATER in sys.modules  # which gives some methods back to their classes
    if found.get("names_given") == loaded:
        return
    controller.names_given = loaded
    old_names = json.loads(line_of(path, METHODS))
    for name in old_names:
        thing = found.get(name)
        if isinstance(thing, type):
            for old, new in old_names[name].items():
                if new in thing.__dict__:
                    setattr(thing, old, thing.__dict__[new])


def rest(path):
    """What the board does without, made once a boot from its text."""
    controller = member(ENTRY, "__dict__")
    if "rest_of_source" not in controller:
        __import__(LATER)  # gives methods back to their classes
        made = {"__name__": "rest_of_source"}
        exec(compile(json.loads(line_of(path, REST)), "rest_of_source", "exec"), made)
        sys.modules[ENTRY].rest_of_source = made
    return sys.modules["guard.controller"].rest_of_source
