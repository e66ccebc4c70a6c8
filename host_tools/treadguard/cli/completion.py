# SPDX-License-Identifier: MIT
"""`treadguard completion`: the script that teaches a shell our commands."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Shell(StrEnum):
    """Shells typer writes completion scripts for."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


def completion(
    shell: Annotated[Shell, typer.Argument(help="The shell to write for.")],
) -> None:
    """Print the completion script of a shell.

    For bash: treadguard completion bash > ~/.local/share/bash-completion/completions/treadguard
    """
    from typer._completion_shared import get_completion_script

    print(
        get_completion_script(
            prog_name="treadguard", complete_var="_TREADGUARD_COMPLETE", shell=shell.value
        )
    )
