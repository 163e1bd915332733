"""PURE: what the monitor knows and concludes. No Qt, no clock (`now` is an argument), no I/O."""
