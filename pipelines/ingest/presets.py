"""Presets: what the exports of a tool have in common, named in one line and overridden key by key.

Each holds only what the tool itself writes (headings, layouts, the marks of previews and continuation rows);
questions and everything of the company's own must stay out.
"""

from typing import Any

PRESETS: dict[str, dict[str, Any]] = {
    # The CSV export "with choice text" or numeric: variable names, question texts, import ids, then the answers.
    "qualtrics": {
        "kind": "survey_responses",
        "key": ["response_id"],
        "format": {"header_rows": 3, "names_row": 1},
        "columns": {"response_id": "ResponseId", "responded_at": "RecordedDate"},
        "leave_out": [
            {
                "column": "Status",
                "values": [
                    "Survey Preview",
                    "1",
                    "Survey Test",
                    "2",
                    "Spam",
                    "8",
                    "Survey Preview Spam",
                    "9",
                ],
                "reason": "preview",
            },
            {"column": "Finished", "unless": ["True", "1"], "reason": "unfinished"},
        ],
    },
    # "All responses data", one file: questions in the first row over merged cells, choices in the second.
    "surveymonkey": {
        "kind": "survey_responses",
        "key": ["response_id"],
        "format": {"header_rows": 2, "names_row": "joined"},
        "columns": {
            "response_id": "Respondent ID",
            "responded_at": {
                "from": "Date Modified",
                "format": ["%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S"],
            },
        },
    },
    # The export of orders: the first row of an order carries its amounts, its further articles follow without.
    "shopify": {
        "kind": "orders",
        "key": ["order_id"],
        "columns": {
            "order_id": "Name",
            "email": "Email",
            "ordered_at": {"from": "Created at", "format": "%Y-%m-%d %H:%M:%S %z"},
            "gross_amount": "Total",
            "refunded_amount": "Refunded Amount",
            "currency": "Currency",
            "status": {"from": "Cancelled at", "patterns": {"^$": "completed", ".": "cancelled"}},
            "channel": "Source",
        },
        "leave_out": [{"column": "Financial Status", "values": [""], "reason": "continuation_row"}],
    },
}
_MERGED = ("format", "columns")
# Blocks of which a company overrides single keys; every other key replaces the preset's as a whole.


def with_preset(data: dict[str, Any]) -> dict[str, Any]:
    """An extract's keys, those of its preset beneath them; `ours: null` takes a column of the preset out."""
    preset = PRESETS.get(str(data.get("preset")))
    if preset is None:
        return data
    merged = {**preset, **data}
    for block in _MERGED:
        if isinstance(preset.get(block), dict) and isinstance(data.get(block), dict):
            joined = {**preset[block], **data[block]}
            merged[block] = {key: value for key, value in joined.items() if value is not None}
    return merged
