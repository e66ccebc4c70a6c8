# SPDX-License-Identifier: MIT
"""Boots the unmodified firmware on a world, again after every reset, until the run ends.

Each boot starts with fresh modules, as on the chip: everything of `guard` is dropped and imported
anew, and the adaptors (clock, console, files) are put in place before boot.py runs. A chip's own
modules then take the place of their namesakes, as the build does it.
"""

import gc
import sys

import treadguard.virtual.adaptors.clock as clock
import treadguard.virtual.adaptors.console as console
import treadguard.virtual.adaptors.files as files
import treadguard.virtual.adaptors.stdio as stdio
from treadguard.virtual.built import stand_in
from treadguard.virtual.chip import POWER_ON, BoardReset, EndOfRun
from treadguard.virtual.variants import S3
from treadguard.virtual.world import World

ADAPTORS = (("clock", clock), ("stdio", stdio), ("files", files))
S3_ADAPTORS = (("clock", clock), ("files", files))  # and its console
S3_MODULES = ("chip", "pins", "stdio")
ON_CPYTHON = sys.implementation.name == "cpython"


def here():
    """The folder of this package."""
    return __file__.rsplit("/", 1)[0] if "/" in __file__ else "."


def find_paths(firmware_dir):
    """Put firmware and fakes on the import path; a `machine` found there wins over a built-in."""
    if firmware_dir in sys.path:
        sys.path.remove(firmware_dir)
    sys.path.insert(0, firmware_dir)
    found_dirs[:] = [firmware_dir]
    if not ON_CPYTHON:
        _add(0, here() + "/fakes")
        return
    # No fake may hide a module of the standard library.
    _add(len(sys.path), here() + "/fakes")
    _add(len(sys.path), here() + "/fakes_cpython")
    sys.dont_write_bytecode = True  # a __pycache__ in firmware/ would reach the board


def _add(at, folder):
    if folder not in sys.path:
        sys.path.insert(at, folder)


found_dirs = []  # the folder of the firmware that runs
outside = {}  # the guard modules of whoever runs a world inside a larger program (tests)


def drop_modules():
    """Forget the firmware; what was dropped."""
    dropped = {}
    for name in list(sys.modules.keys()):
        if name == "guard" or name.startswith("guard."):
            dropped[name] = sys.modules[name]
            del sys.modules[name]
    return dropped


def restore_modules():
    """Give back the modules that were there before the first boot."""
    drop_modules()
    if not outside and found_dirs and stand_in(found_dirs[0]):
        put_adaptors()  # whoever asks a stand-in imports the one large module
    sys.modules.update(outside)
    outside.clear()


def fresh_modules():
    """Forget the firmware of the last boot and put the adaptors in place for the next."""
    dropped = drop_modules()
    if ON_CPYTHON and not outside:
        outside.update(dropped)
    dropped = None
    gc.collect()
    built = bool(found_dirs) and stand_in(found_dirs[0])
    put_adaptors()
    if not built and World.current is not None and World.current.variant.name == S3:
        put_modules_of_s3()


def put_adaptors():
    """Virtual time, console and flash in place of the chip's."""
    import guard.board

    s3 = World.current is not None and World.current.variant.name == S3
    for name, module in S3_ADAPTORS if s3 else ADAPTORS:
        sys.modules["guard.board." + name] = module
        setattr(guard.board, name, module)
    if s3:
        import guard.board.esp32s3

        sys.modules["guard.board.esp32s3.console"] = console
        guard.board.esp32s3.console = console


def put_modules_of_s3():
    """As the build does it: a built folder is of one chip, and needs none of this."""
    import guard.board

    for name in S3_MODULES:
        __import__("guard.board.esp32s3." + name)
        module = sys.modules["guard.board.esp32s3." + name]
        sys.modules["guard.board." + name] = module
        setattr(guard.board, name, module)
    guard.__version__ += "+" + S3


def learn_sounds(world):
    """The firmware's own names for what the buzzer plays."""
    try:
        from guard.board.panel import PATTERNS
        from guard.core.sounds import SOUND_NAMES
    except ImportError:
        return
    # Chirps come last in the table and first here: they are the more exact descriptions.
    pairs = [(SOUND_NAMES[i], PATTERNS[i]) for i in range(len(PATTERNS)) if PATTERNS[i]]
    world.observer.patterns = tuple(pairs[::-1])


class Runner:
    """Runs one world. A stub firmware may be given as a function instead of a folder."""

    def __init__(self, world, firmware_dir, main=None):
        self.world = world
        self.firmware_dir = firmware_dir
        self.main = main
        self.crash = None  # an exception the firmware let out

    def run(self):
        """Until EndOfRun."""
        World.current = self.world
        if self.main is None:
            find_paths(self.firmware_dir)
            self.world.flash.firmware_dir = self.firmware_dir
            if ON_CPYTHON:
                sys.print_exception = self._print_exception  # MicroPython has it
        kind = POWER_ON
        try:
            while True:
                kind = self._boot(kind)
        except EndOfRun:
            self.world.truth.finish()
        finally:
            if ON_CPYTHON and self.main is None:
                restore_modules()

    def _boot(self, kind):
        """One life of the program; the kind of reset that ended it."""
        try:
            self.world.restart(kind)
            try:
                self._program()
            except (
                Exception
            ) as error:  # main.py let it out: the chip shows it and goes to the REPL
                self.crash = error
                self.world.log("chip", "uncaught " + error.__class__.__name__)
            if self.world.dying:
                self.world.gone()
            self._repl()
        except BoardReset as reset:
            return reset.kind
        return kind

    def _program(self):
        if self.main is not None:
            self.main()
            return
        fresh_modules()
        learn_sounds(self.world)
        execute(self.firmware_dir + "/boot.py")
        execute(self.firmware_dir + "/main.py")

    def _repl(self):
        """The program has ended: outputs stay, nothing feeds the watchdog."""
        self.world.log("chip", "repl")
        while True:
            self.world.suffer(10000)

    def _print_exception(self, error, file=None):
        """CPython's stand-in for sys.print_exception: to stderr, where MicroPython's goes too."""
        import traceback

        self.crash = error
        traceback.print_exception(error)


def execute(path):
    with open(path) as f:
        text = f.read()
    exec(compile(text, path, "exec"), {"__name__": "__main__"})
