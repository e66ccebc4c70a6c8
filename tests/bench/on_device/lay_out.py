# SPDX-License-Identifier: MIT
"""The flash of a commissioned board as JSON: lay_out.py [options]. CPython only.

live_heap.py starts from it, so that nothing of the firmware has been imported, and no name of it
interned, before the first boot.
"""

import json
import sys

import walk

CONFIG = {"session_limit_min": 60}


def main():
    config = dict(CONFIG)
    if "options" in sys.argv:
        import everything

        config.update(everything.OPTIONS)
    world, _ = walk.board([], config)
    files = {name: data.hex() for name, data in world.flash.files.items()}
    nvs = {}
    for key, value in world.flash.nvs.items():
        nvs[key] = value if isinstance(value, int) else value.hex()
    print(json.dumps({"files": files, "nvs": nvs}))


main()
