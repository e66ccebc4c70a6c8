# SPDX-License-Identifier: MIT
"""The command line: so many bytes, so many images, one line of figures, build/fuzz.json.

A failure names its piece or image; the same seed finds it again:
`python -m tests.fuzz --seed S --piece N` or `--image N` runs that one alone.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import asdict, fields
from pathlib import Path

from tests import conftest  # noqa: F401  firmware and fakes become importable
from tests.fuzz import images, stack
from tests.hazards import progress

SCHEMA = 1
OUT = Path(__file__).resolve().parents[2] / "build" / "fuzz.json"
ALL_BYTES = 10_000_000
ALL_IMAGES = 100_000
AT_A_TIME = 2000
TELLING_BYTES = 2_000_000
SHOWN = 20
PARTIAL = "PARTIAL: "


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__,
                                     formatter_class=argparse.RawTextHelpFormatter)  # fmt: skip
    parser.add_argument("--bytes", type=int, default=ALL_BYTES, help="of protocol traffic")
    parser.add_argument("--images", type=int, default=ALL_IMAGES, help="of settings, journal, NVS")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0, help="stop then, as partial")
    parser.add_argument("--resume", action="store_true", help="go on after an interrupted run")
    parser.add_argument("--piece", type=int, help="this piece of traffic alone")
    parser.add_argument("--image", type=int, help="this image alone")
    parser.add_argument("--json", type=Path, default=OUT, metavar="FILE")
    return parser.parse_args()


class Run:
    def __init__(self, seed: int, n_bytes: int, n_images: int, seconds: float):
        self.seed = seed
        self.n_bytes = n_bytes
        self.n_images = n_images
        self.began = time.monotonic()
        self.until = self.began + seconds if seconds else float("inf")
        self.traffic = stack.Figures()
        self.images = images.Figures()
        self.complete = False
        self.next_piece = 0
        self.before_s = 0.0
        self.judged = progress.judged()

    def resume(self, path: Path) -> None:
        """Go on where a run of the same seed, size and program was interrupted."""
        found = progress.unfinished(path, self._same())
        if found:
            self.next_piece = found["next_piece"]
            self.before_s = found["seconds"]
            for figures, stored in (
                (self.images, found["images"]),
                (self.traffic, found["traffic"]),
            ):
                for field in fields(figures):
                    setattr(figures, field.name, stored[field.name])

    def _same(self) -> dict[str, object]:
        asked = {"bytes": self.n_bytes, "images": self.n_images}
        return {"schema": SCHEMA, "seed": self.seed, "judged": self.judged, "asked": asked}

    def run(self) -> None:
        """Images first: they are quick. Ctrl-C and --seconds leave a partial result."""
        try:
            self.complete = self._images() and self._traffic()
            if self.complete and self.n_bytes >= TELLING_BYTES:
                self._judge_itself()
        except KeyboardInterrupt:
            self.complete = False

    def _judge_itself(self) -> None:
        """Traffic that ends no session and changes nothing would find nothing."""
        for name in ("changes", "stops", "answers", "closed_ms"):
            if not getattr(self.traffic, name):
                self.traffic.failures.append(f"not one of {name} in {self.traffic.bytes} bytes")

    def _images(self) -> bool:
        for number in range(self.images.images, self.n_images):
            images.try_one(self.seed, number, self.images)
            if number % AT_A_TIME == 0:
                self._progress(f"{number} images")
                if time.monotonic() > self.until:
                    return False
        return True

    def _traffic(self) -> bool:
        while self.traffic.bytes < self.n_bytes:
            if time.monotonic() > self.until:
                return False
            self.piece(self.next_piece, min(stack.PIECE_BYTES, self.n_bytes - self.traffic.bytes))
            self.next_piece += 1
            self._progress(f"{self.traffic.bytes} bytes")
        return True

    def piece(self, number: int, size: int) -> None:
        start = stack.start_of(number)
        with stack.zygote(start) as z:
            figures = z.run(stack.fuzz, self.seed, number, size)
        figures.failures = [f"piece {number} of seed {self.seed} ({start}): {text}"
                            for text in figures.failures]  # fmt: skip
        self.traffic.add(figures)

    def _progress(self, text: str) -> None:
        if sys.stderr.isatty():
            print(f"\r{text}  ", end="", file=sys.stderr)

    @property
    def failures(self) -> list[str]:
        return self.images.failures + self.traffic.failures

    def seconds(self) -> float:
        return self.before_s + time.monotonic() - self.began

    def line(self) -> str:
        t, i = self.traffic, self.images
        partial = "" if self.complete else PARTIAL
        return (
            f"{partial}{t.bytes} bytes on the full stack ({t.answers} lines back, "
            f"{t.closed_ms / 1000:.0f} s with the relay closed, {t.stops} stops over the link, "
            f"the slowest {t.worst_stop_ms:.0f} ms, "
            f"latest tick {t.late_ms:.0f} ms, "
            f"{t.changes} changes confirmed, {t.caught} exceptions caught by the link), "
            f"{i.images} images ({i.taken} sound, {i.refused} refused), "
            f"seed {self.seed}, {self.seconds():.0f} s: "
            f"{len(self.failures)} failures"
        )

    def as_dict(self) -> dict[str, object]:
        return {
            **self._same(), "complete": self.complete, "next_piece": self.next_piece,
            "seconds": round(self.seconds(), 1),
            "traffic": asdict(self.traffic), "images": asdict(self.images),
            "failures": len(self.failures), "line": self.line().removeprefix(PARTIAL),
        }  # fmt: skip


def main() -> int:
    arguments = parse()
    run = Run(arguments.seed, arguments.bytes, arguments.images, arguments.seconds)
    if arguments.piece is not None:
        run.piece(arguments.piece, stack.PIECE_BYTES)
    elif arguments.image is not None:
        images.try_one(arguments.seed, arguments.image, run.images)
    else:
        if arguments.resume:
            run.resume(arguments.json)
        run.run()
        progress.write(arguments.json, run.as_dict())
    for text in run.failures[:SHOWN]:
        print(text)
    print(run.line())
    return 1 if run.failures or not run.complete else 0


if __name__ == "__main__":
    sys.exit(main())
