"""The log and the licence state at its end."""
