# SPDX-License-Identifier: MIT
"""The tables of the logbook, one script per schema version, and the way from any older one."""

from __future__ import annotations

# "TGLB": what `file` and other programs know the database by.
APPLICATION_ID = 0x54474C42

# MIGRATIONS[n] leads from schema n to n + 1. A released one is never edited again.
MIGRATIONS = (
    """
    CREATE TABLE boards (
        key TEXT PRIMARY KEY,            -- chip id, with "+2" and so on after an erased board
        chip TEXT NOT NULL,
        name TEXT UNIQUE COLLATE NOCASE
    );
    CREATE TABLE imports (
        id INTEGER PRIMARY KEY,
        at_ms INTEGER NOT NULL,          -- ms since 1970: no record in it is younger
        board TEXT NOT NULL REFERENCES boards(key),
        events INTEGER NOT NULL,         -- new ones
        files INTEGER NOT NULL
    );
    CREATE TABLE events (                -- frames as the board wrote them
        board TEXT NOT NULL REFERENCES boards(key),
        seq INTEGER NOT NULL,
        frame BLOB NOT NULL,
        import INTEGER NOT NULL REFERENCES imports(id),
        PRIMARY KEY (board, seq)
    ) WITHOUT ROWID;
    CREATE TABLE files (                 -- black boxes and traces as the board wrote them
        board TEXT NOT NULL REFERENCES boards(key),
        name TEXT NOT NULL,
        intact INTEGER NOT NULL,
        bytes BLOB NOT NULL,
        import INTEGER NOT NULL REFERENCES imports(id),
        PRIMARY KEY (board, name)
    );
    CREATE TABLE damage (
        board TEXT NOT NULL REFERENCES boards(key),
        file TEXT NOT NULL,
        at INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        import INTEGER NOT NULL REFERENCES imports(id),
        PRIMARY KEY (board, file, at)
    );
    CREATE TABLE enrolments (            -- programmes somebody follows or followed
        id INTEGER PRIMARY KEY,
        board TEXT REFERENCES boards(key),
        programme TEXT NOT NULL,         -- the whole TOML as it was on that day
        started TEXT NOT NULL,           -- local date, YYYY-MM-DD
        speed_mm_s INTEGER,              -- of the first week, where the programme names none
        ended TEXT
    );
    """,
    # tables.json of a board of another version
    "ALTER TABLE boards ADD COLUMN tables TEXT",
)
VERSION = len(MIGRATIONS)
