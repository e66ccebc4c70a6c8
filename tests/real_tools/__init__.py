# SPDX-License-Identifier: MIT
"""The real esptool and the real mpremote, against a chip and a board behind a pty."""
