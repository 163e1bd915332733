"""Measures the monitor on this machine: `tmr bench monitor`."""
