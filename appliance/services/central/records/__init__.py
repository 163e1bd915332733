"""License Central's records: one database, one transaction for each act, and an audit trail.

schema.py      the tables
migrations/    how they came about, step by step (Alembic)
database.py    opening, acts, and what is said when the database refuses
rows.py        one row for each key
audit.py       who did what and when, chained by hashes
founding.py    how a database comes to be, and an older schema becomes today's
old_files.py   the files of before, taken over
backups.py     all of it in one file, and back
"""

from appliance.services.central.records.database import Records

__all__ = ["Records"]
