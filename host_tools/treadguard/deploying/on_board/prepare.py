# SPDX-License-Identifier: MIT
# Runs on the board, in maintenance. Makes the staging folder and says what else is there,
# records with their sizes.
# WANTED is put in front of it: the paths of the new version.
import json
import os
import sys

folders = {"next"}
for path in WANTED:
    parts = path.split("/")[:-1]
    for i in range(len(parts)):
        folders.add("next/" + "/".join(parts[: i + 1]))


def is_folder(path):
    try:
        return os.stat(path)[0] & 0x4000 != 0
    except OSError:
        return False


def clear(folder):
    for row in list(os.ilistdir(folder)):
        path = folder + "/" + row[0]
        if row[1] == 0x4000:
            clear(path)
            if path not in folders:
                os.rmdir(path)
        elif path[5:] not in WANTED:
            os.remove(path)


for folder in sorted(folders):
    if not is_folder(folder):
        os.mkdir(folder)
clear("next")
size = os.statvfs("/")
root = sorted([row[0] for row in os.ilistdir("/")])
records = {name: os.stat(name)[6] for name in root if name.endswith(".bin")}
found = {"free": size[0] * size[3], "machine": getattr(sys.implementation, "_machine", "")}
found.update({"root": root, "records": records})
try:
    import machine

    machine.WDT(timeout=600000)  # the controller left it armed: it must outlast the transfer
except (ImportError, AttributeError):
    pass
print(json.dumps(found))
