"""What can be wrong with a store that is not what it was (`adapters.store.check`)."""

from __future__ import annotations

from typing import Final

STORE: Final[dict[str, str]] = {
    "database-broken": "the database is not in order: {said}",
    "database-foreign": "the database is not the one that was made here",
    "database-missing": "its mark is there, but the database is not",
    "store-unreadable": "it cannot be read ({said})",
    "record-altered": "the record of its {table} is not as it was written",
    "entry-altered": "entry {index} is not as it was written",
    "entry-missing": "entry {index} is missing",
    "entry-loose": "entry {index} does not follow on the one before",
    "last-entry-other": "the log's last entry {index} is another one than was stored last",
    "entry-count": "it holds {count} entries from {low} to {high} instead of {wanted} from {first}"
    " to {last}",
    "entries-uncommitted": "it says that {committed} entries were committed, but ends with {last}",
    "chunk-altered": "chunk {chunk} of the snapshot is missing or not as it was written",
    "snapshot-foreign": "the snapshot belongs to another log",
    "snapshot-sealed-other": "its snapshot is of another entry than was sealed",
    "snapshot-not-sealed": "its snapshot is another one than was sealed",
    "snapshot-broken": "its snapshot cannot be used: {said}",
    "mark-missing": "its mark is missing",
    "mark-unreadable": "its mark cannot be read",
    "mark-foreign": "its mark is that of another store",
    "mark-ahead": "it is {behind} transactions behind its mark: entry {last} instead of {marked} is"
    " its last",
    "mark-other": "it says something else than its mark",
    "mark-term-higher": "it promised or adopted a lower term than its mark says",
    "mark-commit-higher": "fewer entries of it are committed than its mark says",
    "mark-entry-missing": "entry {index}, which its mark names, is missing",
    "mark-entry-other": "entry {index} is another one than its mark says",
    "signed-entry-lost": "this store signed entry {index}, but ends at {last}: it lost what it had"
    " stored",
    "state-went-wrong": "what it made of entry {index} is not what both other upstreams made of it:"
    " its own licence state went wrong",
    "state-sealed-other": "two others sealed another state after entry {index}: its own licence"
    " state went wrong",
}
