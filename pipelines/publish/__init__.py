"""Publish: puts the judged tables before the readers, whole, and keeps the record of every release.

descriptions (what the columns hold) -> releases (the record) -> duckdb_file (the file, swapped in) ->
publication (all of it in order); assets shows it in Dagster.
"""
