"""The durable half of a replica: one SQLite database, and the archive of what left it."""
