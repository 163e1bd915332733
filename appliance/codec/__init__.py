"""Bytes and documents: frames, licence files, certificates' names, the client API's shapes (pure)."""
