"""Bytes and documents: frames, licence files, certificates, the client API's shapes (pure)."""
