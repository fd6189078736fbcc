"""What a draft takes a file and its columns for, and that every doubt is marked."""

import pytest

from pipelines.draft.naming import naming
from pipelines.draft.vocabulary import identifier, likeness, plain
from pipelines.ingest.kinds import KINDS
from pipelines.ingest.presets import PRESETS
from tests import ingest_files
from tests.unit.draft.drafts import contract, draft_of

HEADINGS = {
    "orders": "order_id,customer_id,order_date,total,currency,status",
    "order_lines": "Order ID,SKU,Quantity,Unit price,Order date,Customer",
    "customers": "customer_id,registered_at,country",
    "refunds": "Refund ID,Order ID,Refund date,Refund amount",
    "fx_rates": "currency,date,rate",
    "survey_invitations": "invitation_id,customer_id,sent_at,status",
    "subscriptions": "subscription_id,customer_id,start_date,end_date,plan,price",
}
GERMAN = {
    "orders": "Bestellnummer,Kundennummer,Bestelldatum,Betrag,Währung,Status",
    "order_lines": "Bestellnummer,Artikelnummer,Menge,Einzelpreis,Bestelldatum,Kunde",
    "customers": "Kundennummer,Anmeldedatum,Land",
    "refunds": "Gutschriftnummer,Bestellnummer,Erstattungsdatum,Erstattungsbetrag",
    "fx_rates": "Währung,Kursdatum,Kurs",
    "survey_invitations": "Einladungsnummer,Kundennummer,Versanddatum,Versandstatus",
    "subscriptions": "Vertragsnummer,Kundennummer,Vertragsbeginn,Vertragsende,Tarif,Monatsbetrag",
}
CELLS = {
    "currency": "EUR,CHF,USD", "währung": "EUR,CHF,USD", "status": "paid,cancelled", "versandstatus": "sent,bounced",
    "country": "NL,BE,DE", "land": "NL,BE,DE", "plan": "small,large", "tarif": "small,large",
}  # fmt: skip


def table(headings: str, rows_per_order: int = 1) -> str:
    """A table of thirty rows with fitting cells below the headings."""
    names = headings.split(",")
    lines = [
        [
            _cell(name.lower(), n // rows_per_order if name in ("Order ID", "Bestellnummer") else n)
            for name in names
        ]
        for n in range(30)
    ]
    return ingest_files.csv_text([names, *lines])


def _cell(name: str, number: int) -> str:
    if name in CELLS:
        words = CELLS[name].split(",")
        return words[number % len(words)]
    if any(part in name for part in ("date", "datum", "_at", "beginn", "ende")):
        return f"2025-{number % 12 + 1:02}-{number % 28 + 1:02}"
    if any(part in name for part in ("total", "betrag", "amount", "price", "preis", "rate", "kurs")):
        return f"{number + 1}.25"
    if name in ("quantity", "menge"):
        return str(number % 4 + 1)
    return f"{name[:2]}{number}"


@pytest.mark.parametrize("kind", HEADINGS)
@pytest.mark.parametrize("headings", [HEADINGS, GERMAN], ids=["english", "german"])
def test_every_kind_is_told_by_its_headings_and_cells(headings: dict[str, str], kind: str) -> None:
    found = contract(draft_of(table(headings[kind], rows_per_order=2 if kind == "order_lines" else 1)))
    assert found["kind"] == kind
    assert set(KINDS[kind].required) <= set(found["columns"])


def test_the_pattern_of_the_files_takes_the_day_from_the_name() -> None:
    cases = {
        "orders/orders_2025-02-01.csv": ("orders", "orders/orders_{delivered:%Y-%m-%d}.csv"),
        "sales_20250201_eu.csv.gz": ("sales_eu", "sales_{delivered:%Y%m%d}_eu.csv.gz"),
        "01.02.2025 Umsätze.xlsx": ("umsaetze", "{delivered:%d.%m.%Y} Umsätze.xlsx"),
        "a/2025-02-01.csv": ("a", "a/{delivered:%Y-%m-%d}.csv"),
        "export 99999999.csv": ("export", "export 99999999.csv"),
        "odd[1]{x}.csv": ("odd_x", "odd?1??x?.csv"),
    }
    assert {name: (naming(name).extract, naming(name).pattern) for name in cases} == cases


@pytest.mark.parametrize(
    ("cells", "layout"),
    [
        (["31.12.2025", "01.02.2025"], "%d.%m.%Y"),
        (["31.12.2025 18:05", "01.02.2025 09:00"], "%d.%m.%Y %H:%M"),
        (["12/31/2025 6:05 PM", "1/2/2025 9:00 AM"], "%m/%d/%Y %I:%M %p"),
        (["31/12/2025", "01/02/2025"], "%d/%m/%Y"),
        (["20251231", "20250201"], "%Y%m%d"),
        (["1738343100", "1738347000"], "unix"),
        (["2025-12-31T18:05:00Z", "2025-02-01T09:00:00+01:00"], None),
    ],
)
def test_the_layout_of_dates_is_told_from_all_of_them(cells: list[str], layout: str | None) -> None:
    rows = [["Order", "Placed at", "Total"], *([str(n), cell, "5.00"] for n, cell in enumerate(cells))]
    column = contract(draft_of(ingest_files.csv_text(rows)))["columns"]["ordered_at"]
    assert column == ("Placed at" if layout is None else {"from": "Placed at", "format": layout})


def test_days_that_read_either_way_are_marked_and_several_layouts_are_listed() -> None:
    rows = [["Order", "Date", "Total"], ["1", "01/02/2025", "5.00"], ["2", "03/04/2025", "6.00"]]
    assert "day or month first? every date here reads either way: decide" in draft_of(
        ingest_files.csv_text(rows)
    )
    rows = [["Order", "Date", "Total"], ["1", "31.12.2025", "5.00"], ["2", "12/31/2025", "6.00"]]
    text = draft_of(ingest_files.csv_text(rows))
    assert contract(text)["columns"]["ordered_at"]["format"] == ["%d.%m.%Y", "%m/%d/%Y"]
    assert "several layouts in one column" in text


@pytest.mark.parametrize(
    ("amounts", "stated"),
    [
        (["12.50", "7.25"], {}),
        (["12,50", "7,25"], {"decimal": ","}),
        (["1.234,50", "7,25"], {"decimal": ",", "thousands": "."}),
        (["1,234.50", "7.25"], {"thousands": ","}),
        (["1'234.50", "7.25"], {"thousands": "'"}),
        (["€ 12,50", "7,25 EUR"], {"decimal": ","}),
    ],
)
def test_decimal_and_thousands_signs_are_told_from_the_amounts(
    amounts: list[str], stated: dict[str, str]
) -> None:
    rows = [["Order", "Date", "Total"], *([str(n), "2025-01-01", each] for n, each in enumerate(amounts))]
    found = contract(draft_of(ingest_files.csv_text(rows, ";")))["format"]
    assert {key: found[key] for key in ("decimal", "thousands") if key in found} == stated


def test_amounts_that_read_either_way_are_marked() -> None:
    rows = [["Order", "Date", "Total"], ["1", "2025-01-01", "1.234"], ["2", "2025-01-02", "5.678"]]
    assert "could be read with either sign: decide" in draft_of(ingest_files.csv_text(rows))


def test_statuses_are_mapped_word_by_word_each_to_be_decided() -> None:
    rows = [["Order", "Date", "Total", "Status"]]
    rows += [
        [str(n), "2025-01-01", "5", word] for n, word in enumerate(["paid", "voided", "storniert", "", "no"])
    ]
    text = draft_of(ingest_files.csv_text(rows))
    assert contract(text)["columns"]["status"]["map"] == {
        "paid": "completed", "voided": "cancelled", "storniert": "cancelled", "no": "completed", "": "completed",
    }  # fmt: skip
    assert text.count("# decide\n") == 4
    assert '"": completed  # an empty cell: decide' in text


def test_identifiers_get_the_steps_that_their_cells_need_and_one_form_in_every_file() -> None:
    def column(values: list[str]) -> object:
        rows = [
            ["Order", "Customer", "Date", "Total"],
            *([str(i), v, "2025-01-01", "5"] for i, v in enumerate(values)),
        ]
        return contract(draft_of(ingest_files.csv_text(rows)))["columns"]["customer_id"]

    assert column(["0042", "0043"]) == {"from": "Customer", "normalise": ["strip_zeros"]}
    assert column(["42.0", "43.0"]) == {"from": "Customer", "normalise": ["strip_decimal", "strip_zeros"]}
    assert column(["ann@example.org", "Bob@example.org"]) == {
        "from": "Customer", "id_space": "email", "normalise": "email",
    }  # fmt: skip
    assert column(["42", "0", "0"]) == {"from": "Customer", "normalise": ["strip_zeros"], "missing": ["0"]}


def test_a_key_is_stated_only_where_it_is_one() -> None:
    rows = [["Order", "Date", "Total"], *([str(n % 9), f"2025-01-{n + 1:02}", f"{n}"] for n in range(10))]
    text = draft_of(ingest_files.csv_text(rows))
    assert contract(text)["key"] == "none"
    assert "order_id is empty or repeated in 1 rows" in text
    assert "# No two rows are alike in: Date, Total\n" in text


def test_a_column_found_by_its_cells_alone_and_one_that_is_missing_are_marked() -> None:
    rows = [["Beleg", "Wann", "Wieviel"], ["x", "2025-01-01", "5.50"], ["y", "2025-01-02", "6.50"]]
    text = draft_of(ingest_files.csv_text(rows), "orders.csv")
    assert "ordered_at: Wann  # guessed by its cells alone: decide" in text
    text = draft_of("Order,Customer,Amount\n1,2,5.00\n2,3,6.00\n", "orders.csv")
    assert "# ordered_at: needed, and nothing in this file looks like it" in text


def test_columns_that_are_not_mapped_are_listed_with_what_they_hold() -> None:
    text = draft_of(table("order_id,order_date,total,Notiz,First name"))
    assert "    # Not mapped, and so never read:\n    #   Notiz: 30 different texts\n" in text
    assert "    #   First name: may tell who somebody is\n" in text


@pytest.mark.parametrize(
    ("preset", "rows"),
    [
        (
            "qualtrics",
            [
                ["Status", "Finished", "RecordedDate", "ResponseId", "Q1"],
                ["Response Type", "Finished", "Recorded Date", "Response ID", "Would you recommend us?"],
                *[['{"ImportId":"x","timeZone":"America/Denver"}'] * 5],
                ["IP Address", "True", "2025-01-31 10:00:00", "R_1", "9"],
                ["IP Address", "True", "2025-01-31 11:00:00", "R_2", "0"],
            ],
        ),
        (
            "surveymonkey",
            [
                ["Respondent ID", "Date Modified", "Would you recommend us?"],
                ["", "", "Response"],
                ["1", "01/31/2025 10:00:00 AM", "9"],
                ["2", "01/31/2025 11:00:00 AM", "0"],
            ],
        ),
        (
            "shopify",
            [
                ["Name", "Email", "Financial Status", "Created at", "Total", "Cancelled at"],
                ["#1", "ann@example.org", "paid", "2025-01-31 10:00:00 +0100", "5.00", ""],
                ["#2", "bob@example.org", "paid", "2025-01-31 11:00:00 +0100", "6.00", ""],
            ],
        ),
    ],
)
def test_a_tool_is_recognised_and_what_its_preset_gives_is_not_repeated(
    preset: str, rows: list[list[str]]
) -> None:
    found = contract(draft_of(ingest_files.csv_text(rows)))
    assert (found["preset"], found["kind"]) == (preset, PRESETS[preset]["kind"])
    given = [key for key, value in found.get("columns", {}).items() if value is not None]
    assert not set(given) & set(PRESETS[preset]["columns"])
    if preset != "shopify":
        assert [question["construct"] for question in found["questions"]] == ["recommend"]
    if preset == "qualtrics":
        assert found["format"]["time_zone"] == "America/Denver"


def test_columns_of_a_preset_that_the_file_lacks_are_taken_out() -> None:
    rows = [
        ["Name", "Email", "Financial Status", "Created at", "Total"],
        ["#1", "a@b.c", "paid", "2025-01-31", "5"],
    ]
    columns = contract(draft_of(ingest_files.csv_text(rows)))["columns"]
    assert columns.pop("status")["from"] == "Financial Status"
    assert columns == dict.fromkeys(("refunded_amount", "currency", "channel"))


def test_headings_are_compared_without_their_accidents() -> None:
    assert {plain(each) for each in ("InvoiceDate", "invoice_date", "Invoice-Date", " Invoice  date ")} == {
        "invoice date"
    }
    assert likeness("Customer ID", ["customer id"]) == 100
    assert 0 < likeness("Your customer id", ["customer id"]) < 60
    assert likeness("Paid", ["id"]) == 0
    assert identifier("Gewonnen über (Straße)") == "gewonnen_ueber_strasse"
    assert identifier("2. Wahl") == "x_2_wahl"
