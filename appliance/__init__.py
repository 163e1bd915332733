"""TMR Appliance: a floating-licence service that stays up when its servers do not."""

__version__ = "0.1.0"
