# SPDX-License-Identifier: MIT
"""From the KiCad schematic to everything that is derived from it."""
