"""A TMR host: coordinator, client API, twin and address, wired together."""

from appliance.services.tmr.service import run

__all__ = ["run"]
