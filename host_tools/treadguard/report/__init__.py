# SPDX-License-Identifier: MIT
"""The report: one HTML file that opens offline in any browser."""
