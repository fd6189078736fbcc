"""One CSV into typed Parquet and nothing else: the yardstick of `large_ingest.py`.

What must stay out: any import of the project.
"""

import json
import sys
import time

import duckdb

if __name__ == "__main__":
    source, target = sys.argv[1:]
    began = time.perf_counter()
    duckdb.execute(f"copy (select * from read_csv('{source}')) to '{target}' (format parquet)")
    print(json.dumps({"seconds": time.perf_counter() - began}))
