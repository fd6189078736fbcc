"""`make bench`: whatever comes out is reported."""

from tests.bench.customer_value import report_customer_value
from tests.bench.identity import report_identity
from tests.bench.large_ingest import report_large_ingest
from tests.bench.night import report_night
from tests.bench.postgres import report_postgres
from tests.bench.processes import machine
from tests.bench.purchase_models import report_purchase_models
from tests.bench.survey_metrics import report_survey_metrics

if __name__ == "__main__":
    print(f"On {machine()}. Memory is resident memory of all processes together.\n")
    print(report_night(), flush=True)
    print(f"\n{report_large_ingest()}", flush=True)
    print(f"\n{report_identity()}", flush=True)
    print(f"\n{report_survey_metrics()}", flush=True)
    print(f"\n{report_purchase_models()}", flush=True)
    print(f"\n{report_customer_value()}", flush=True)
    print(f"\n{report_postgres()}")
