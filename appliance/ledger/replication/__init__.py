"""Bringing the other hosts to the log: upstreams, and TMR hosts that only learn."""
