"""The ingest stage of the home that the environment names, by itself and timed."""

import json
import time
from datetime import UTC, datetime

from pipelines.ingest.load import Ingest
from pipelines.ingest.stage import ingest_extracts
from pipelines.resources import home_resource

if __name__ == "__main__":
    home = home_resource()
    settings = home.settings
    ingest = Ingest(home.paths, settings.time_zone, settings.currency, home.secret, datetime.now(UTC).date())
    began = time.perf_counter()
    report = ingest_extracts(ingest, settings.extracts)
    print(json.dumps({"seconds": time.perf_counter() - began, "rows": report.rows_loaded}))
