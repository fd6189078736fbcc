"""Gate: judges the tables that are about to be published and leaves a stored verdict on exactly these tables.

tables -> fingerprint -> suites (Great Expectations, in SQL) -> verdict; checks shows the verdict in Dagster.
"""
