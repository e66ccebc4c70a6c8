# SPDX-License-Identifier: MIT
"""The bench itself: a way that leads nowhere is told, not waited for."""

from __future__ import annotations

import pytest

from tests.hazards import needs_fork, zygote
from tests.hazards.zygote import Zygote

pytestmark = needs_fork


def never(state: str) -> dict[str, object]:
    return {"mode": "forward", "timeline": [{"do": "note", "text": "", "when": f"state:{state}"}]}


def test_a_state_that_never_comes_is_told() -> None:
    with pytest.raises(RuntimeError, match="waited in vain for state:BACKWARD"):
        Zygote(never("BACKWARD"))


def test_a_way_without_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zygote, "WAY_MS", 5000)
    with pytest.raises(RuntimeError, match="no way: the board is in READY"):
        Zygote(never("BACKWARD"))
