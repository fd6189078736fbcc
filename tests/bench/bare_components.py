"""Connected components of identifiers in two Parquet files of pairs by scipy: the yardstick of `identity.py`.

No rules, no cuts, no keys. What must stay out: any import of the project.
"""

import json
import sys
import time

import duckdb
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

NUMBERED = """
    with pairs as (from read_parquet($files)),
    keys as (
        select key, row_number() over () - 1 as number
        from (select one as key from pairs union select other from pairs)
    )
    select ones.number as one, others.number as other
    from pairs
    inner join keys as ones on pairs.one = ones.key
    inner join keys as others on pairs.other = others.key
"""

if __name__ == "__main__":
    began = time.perf_counter()
    pairs = duckdb.execute(NUMBERED, {"files": sys.argv[1:]}).fetchnumpy()
    numbered = time.perf_counter()
    size = int(max(pairs["one"].max(), pairs["other"].max())) + 1
    links = coo_array(
        (np.ones(len(pairs["one"]), dtype=bool), (pairs["one"], pairs["other"])), shape=(size, size)
    )
    count, _ = connected_components(links, directed=False)
    ended = time.perf_counter()
    print(
        json.dumps(
            {
                "seconds": ended - began,
                "components_seconds": ended - numbered,
                "identifiers": size,
                "links": len(pairs["one"]),
                "components": int(count),
            }
        )
    )
