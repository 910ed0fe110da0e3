"""Revisions of the database, run from code by storage.schema."""
