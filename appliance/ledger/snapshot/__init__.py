"""Snapshots: made, sealed by two stores, fetched and installed in place of a log's beginning."""
