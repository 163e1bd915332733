"""License Central's records: one database, one transaction for each act, and an audit trail.

schema.py      the tables
migrations/    how they came about, step by step (Alembic)
database.py    opening, acts, and what is said when the database refuses
rows.py        one row for each key
audit.py       who did what and when, chained by hashes
migrate.py     older records become today's: an older schema, or the files of before
backups.py     all of it in one file, and back
"""

from appliance.services.central.records.database import Records

__all__ = ["Records"]
