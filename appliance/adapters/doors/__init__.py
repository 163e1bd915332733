"""Who may connect to a server, how often, and who has to leave when it is full."""
