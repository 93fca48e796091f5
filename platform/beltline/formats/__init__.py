"""Readers and writers of the public formats: one file per format, each finding entries that load() turns into scans."""
