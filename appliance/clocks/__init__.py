"""Container times, and the vote of the containers' clocks on log time (pure)."""
