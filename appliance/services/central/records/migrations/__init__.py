"""Alembic's folder: `env.py` and one file for each step of the schema in `versions/`."""
