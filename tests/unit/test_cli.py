"""The commands that tell without running: `check` and `draft`, as `make` calls them."""

import pytest
import yaml

from pipelines.cli import main
from tests.conftest import Home
from tests.unit.ingest.test_bad_input import GOOD, HEADER, ORDERS


@pytest.fixture
def own_home(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The home that the environment names."""
    monkeypatch.setenv("TREUE_HOME", str(home.paths.root))
    monkeypatch.setenv("TREUE_SECRET", "a secret for tests alone")
    # The command sets it, and it shall not outlive the test.
    monkeypatch.setenv("DAGSTER_HOME", "")
    home.settings(ORDERS)
    return home


def test_check_ends_well_where_a_run_would_and_keeps_nothing(
    own_home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    own_home.land("orders/a.csv", HEADER + GOOD)
    own_home.land("new.csv", "a,b\n1,2\n")
    assert main(["check"]) == 0
    said = capsys.readouterr().out
    assert "treue.yml: valid (Blumenhaus Linde, 1 extracts)" in said
    assert "1 rows read: 1 would be loaded, 0 rejected" in said
    assert "no extract matches (make draft FILE=... describes one):\n  new.csv\n" in said
    assert said.endswith("A run would read all of this.\n")
    assert list(own_home.paths.lake.rglob("*")) == []


def test_check_ends_badly_where_a_run_would(own_home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    own_home.land("orders/a.csv", HEADER + GOOD.replace("bezahlt", "offen"))
    assert main(["check"]) == 1
    assert "A run would fail: 1 error(s), see above." in capsys.readouterr().out


def test_check_ends_well_where_a_run_would_only_warn(
    own_home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    own_home.settings(ORDERS.replace("    key:", "    on_problem: warn\n    key:"))
    assert main(["check"]) == 0
    assert "  warning: extract shop_orders: no file matches" in capsys.readouterr().out


def test_a_draft_is_found_by_path_or_by_its_name_below_landing(
    own_home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    path = own_home.land(
        "sales/sales_2025-01-31.csv", "Order,Date,Total\n1,2025-01-01,5.50\n2,2025-01-02,6.50\n"
    )
    drafts = []
    for named in (str(path), "sales/sales_2025-01-31.csv"):
        assert main(["draft", named]) == 0
        drafts.append(capsys.readouterr().out)
    assert drafts[0] == drafts[1]
    assert yaml.safe_load(drafts[0])["sales"]["files"] == "sales/sales_{delivered:%Y-%m-%d}.csv"


def test_a_draft_names_the_extracts_that_the_home_has(
    own_home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    path = own_home.land("refunds.csv", "Refund ID,Order ID,Refund date,Refund amount\n1,2,2025-01-01,5.50\n")
    assert main(["draft", str(path)]) == 0
    assert yaml.safe_load(capsys.readouterr().out)["refunds"]["refunds_of"] == "shop_orders"


def test_a_draft_needs_no_settings(own_home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    path = own_home.land("sales.csv", "Order,Date,Total\n1,2025-01-01,5.50\n2,2025-01-02,6.50\n")
    own_home.paths.settings_file.unlink()
    assert main(["draft", str(path)]) == 0
    assert yaml.safe_load(capsys.readouterr().out)["sales"]["kind"] == "orders"


@pytest.mark.parametrize(("name", "said"), [("", "FILE is no file"), ("none.csv", "none.csv is no file")])
def test_a_file_that_is_not_there_is_told(
    own_home: Home, capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    assert main(["draft", name]) == 1
    told = capsys.readouterr().err
    assert said in told
    assert f"below {own_home.paths.landing}" in told


def test_a_file_that_cannot_be_read_gets_the_error_of_its_reader(
    own_home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    own_home.land("empty.csv", b"")
    assert main(["draft", "empty.csv"]) == 1
    assert capsys.readouterr().err.startswith("empty.csv: the file is empty (0 bytes).")
