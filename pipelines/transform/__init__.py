"""Transform: the build of one day, and dbt's models inside it."""
