# SPDX-License-Identifier: MIT
"""`--chip`, for every command that builds the program or plays a board."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class ChipName(StrEnum):
    """What a controller can be built for; held equal to treadguard.chips by a test."""

    ESP32 = "esp32"
    ESP32S3 = "esp32s3"


ChipOption = Annotated[ChipName, typer.Option("--chip", help="The chip of the board.")]
