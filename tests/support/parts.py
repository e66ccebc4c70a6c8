# SPDX-License-Identifier: MIT
"""Stands around one part of the core: nothing but the attributes a test gives it."""


class Bag:
    def __init__(self, **values):
        for name, value in values.items():
            setattr(self, name, value)


class Flags:
    """In place of the blockers: notes what was set, and answers as they do."""

    def __init__(self):
        self.told = []

    def _set(self, code, blocks):
        self.told.append((code, blocks))
        return 1 if blocks else 0

    def standing(self):
        return [code for code, blocks in self.told if blocks]
