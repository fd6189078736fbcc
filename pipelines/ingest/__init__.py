"""Ingest: files in landing become typed Parquet in the lake; what can't be read is kept as rejected rows."""
