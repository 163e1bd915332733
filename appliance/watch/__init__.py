"""Watching a system: facts about it, what is wrong with it, and whom to tell."""
