"""What costs seconds and is made once: the models compiled and built, the code location of another company."""

import pytest

from tests.architecture.asset_graph import CodeLocation, load_code_location
from tests.architecture.models import Models, compile_and_build

SMALL_COMPANY = """
company: Teehaus
time_zone: America/New_York
currency: USD
history_start: 2024-01-01
extracts:
  till:
    kind: order_lines
    files: till/*.csv
    delivery: increment
    key: none
    format: {type: csv}
    columns:
      order_id: receipt
      customer_id: {from: card, id_space: till}
      ordered_at: {from: sold, format: "%Y-%m-%d", time_zone: America/New_York}
      line_amount: amount
"""


@pytest.fixture(scope="session")
def loaded_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> CodeLocation:
    """The code location of a company that has nothing in common with the demo's."""
    home = tmp_path_factory.mktemp("teehaus")
    (home / "treue.yml").write_text(SMALL_COMPANY, encoding="utf-8")
    return load_code_location(home)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """Every model compiled by dbt and built over a small draw of the demo company."""
    return compile_and_build(tmp_path_factory.mktemp("models"))
