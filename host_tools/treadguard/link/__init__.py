# SPDX-License-Identifier: MIT
"""Client of the board's serial protocol: frames, transport, discovery, requests."""
