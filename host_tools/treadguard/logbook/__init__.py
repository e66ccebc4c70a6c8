# SPDX-License-Identifier: MIT
"""Records on the laptop: decoded, kept, shown."""
