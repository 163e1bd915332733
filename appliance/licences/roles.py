"""The roles of a licence, which say in which order the licences of a product are used."""

from __future__ import annotations

from typing import Final

MAIN: Final = "main"
OVERFLOW: Final = "overflow"
EMERGENCY: Final = "emergency"
ROLES: Final = (MAIN, OVERFLOW, EMERGENCY)
"""In the order in which they are used."""
RANK: Final = {role: rank for rank, role in enumerate(ROLES)}
