# SPDX-License-Identifier: MIT
"""`python -m tests.docs.site`: write docs/reference, and the figures in pages written by hand.

With --transcripts also what the tools print, in docs/build/bring-up.md.
"""

from __future__ import annotations

import sys

import tests.conftest  # noqa: F401  (the firmware on sys.path)


def main() -> int:
    from tests.docs.site import pages, transcripts, words

    gaps = words.gaps(words.load(), words.due())
    for gap in gaps:
        print(gap, file=sys.stderr)
    if gaps:
        return 1
    wanted = pages.all_pages()
    if "--transcripts" in sys.argv[1:]:
        wanted[transcripts.PAGE] = transcripts.filled(wanted[transcripts.PAGE], transcripts.play())
    for path in pages.write(wanted):
        print(path.relative_to(words.DOCS.parent))
    return 0


if __name__ == "__main__":
    sys.exit(main())
