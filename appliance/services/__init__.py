"""One role each: an adapter's shell round a pure core."""
