"""`make bench`: whatever comes out is reported."""

from tests.bench.identity import report_identity
from tests.bench.large_ingest import report_large_ingest
from tests.bench.night import report_night
from tests.bench.processes import machine

if __name__ == "__main__":
    print(f"On {machine()}. Memory is resident memory of all processes together.\n")
    print(report_night(), flush=True)
    print(f"\n{report_large_ingest()}", flush=True)
    print(f"\n{report_identity()}")
