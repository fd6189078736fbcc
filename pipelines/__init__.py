"""Treue: loyalty figures from survey and order extracts, judged before they are published.

The map of the flow; each stage is a folder that reads what the one before it left:

    ingest     files in `landing/`, by contract      -> raw, rejected   (typed Parquet in the lake)
    transform  raw                                   -> staging, intermediate, marts   (dbt, in the build)
    metrics    marts                                 -> metrics         (candidates for publication)
    gate       marts and metrics, `expectations/`    -> a verdict on exactly these tables
    publish    the judged tables                     -> the warehouse that BI tools read

`definitions.py` is the architecture diagram, `settings.py` reads what a company may choose, `demo/` draws the
demo company. `check/` rehearses ingest without keeping anything, `draft/` describes a file that is new.
`privacy/` takes persons, and what is too old, out of all of it again. Nothing flows back and nothing skips a stage.
"""
