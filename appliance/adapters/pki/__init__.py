"""The certificates of one deployment: its authority, its hosts' keys, and their renewal."""
