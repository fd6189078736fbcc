"""Great Expectations' own pages about what it found, as files that a browser can show and nothing else.

The pages are written anew each time, beside the old ones, and then take their place. Great Expectations puts names
and values into its pages as they are: here they are escaped before, so that they are shown and never run. The scripts
of its templates, and whatever a page would fetch from other servers, are taken out: reading the pages tells nobody.
The styles, and the index, which it fills by a script, are ours.
What must stay out: serving them (data_docs_server), and the verdict.
"""

import html
import json
import re
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pipelines.gate.evaluation import Evaluation
from pipelines.gate.tables import JudgedTable

SITE = "local"
STYLES = Path(__file__).with_suffix(".css")
INDEX = """\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="UTF-8"><title>Gate of {as_of}</title></head>
<body>
<h1>What the gate found as of {as_of}</h1>
<table>
<tr><th></th><th>Table</th><th>Expectations</th><th>Failed</th></tr>
{rows}
</table>
</body>
</html>
"""
ROW = '<tr><td><i class="{icon}"></i></td><td><a href="{page}">{table}</a></td><td>{count}</td><td>{failed}</td></tr>'
_NOT_SHOWN = re.compile(
    r"<script\b.*?</script\s*>"
    r"|<iframe\b.*?</iframe\s*>"
    r"|<link\b[^>]*\bhref=.https?:[^>]*>"
    r"|<img\b[^>]*\bsrc=.https?:[^>]*>"
    r"|\son\w+=\"[^\"]*\"",
    re.DOTALL | re.IGNORECASE,
)
# What the templates fetch from other servers, or run.


def write_data_docs(opened: Evaluation, folder: Path, as_of: date) -> None:
    """Write the pages of everything that was evaluated: an index, and one page per table."""
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    new = folder.with_name(folder.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    run = RunIdentifier(str(as_of), datetime.combine(as_of, datetime.min.time(), UTC))
    pages = []
    # Great Expectations declares no types for what it stores.
    store: Any = opened.context.validation_results_store
    results: dict[JudgedTable, Any] = dict(opened.results)
    for table, result in results.items():
        page = ValidationResultIdentifier(ExpectationSuiteIdentifier(table.name), run, table.name)
        escaped = store.deserialize(json.dumps(_escaped(result.to_json_dict())))
        store.set(page, escaped)
        pages.append(page)
    opened.context.add_data_docs_site(
        SITE,
        {
            "class_name": "SiteBuilder",
            "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(new)},
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        },
    )
    opened.context.build_data_docs(site_names=[SITE], resource_identifiers=pages)
    _dress(new, _index(results, as_of))
    shutil.rmtree(folder, ignore_errors=True)
    new.rename(folder)


def _dress(folder: Path, index: str) -> None:
    """Take out of the pages what they fetch or run, and give them our styles and index."""
    (folder / "index.html").write_text(index, encoding="utf-8")
    styles = f"<style>{STYLES.read_text(encoding='utf-8')}</style>"
    for page_file in folder.rglob("*.html"):
        page = _NOT_SHOWN.sub("", page_file.read_text(encoding="utf-8"))
        page_file.write_text(page.replace("</head>", f"{styles}</head>", 1), encoding="utf-8")


def _index(results: dict[JudgedTable, Any], as_of: date) -> str:
    """All tables with how many of their expectations failed, each leading to its page."""
    rows = []
    for table, result in results.items():
        failed = sum(not each.success for each in result.results)
        rows.append(
            ROW.format(
                icon="fa-times" if failed else "fa-check-circle",
                page=page_of(table.name, as_of),
                table=table.name,
                count=len(result.results),
                failed=failed or "",
            )
        )
    return INDEX.format(as_of=as_of, rows="\n".join(rows))


def page_of(table_name: str, as_of: date) -> str:
    """Where the page of a table stands among those of a day."""
    return f"validations/{table_name}/{as_of}/{as_of:%Y%m%d}T000000.000000Z/{table_name}.html"


def _escaped(value: Any) -> Any:
    """The value with every text in it escaped for HTML."""
    match value:
        case str():
            return html.escape(value)
        case dict():
            return {key: _escaped(each) for key, each in value.items()}
        case list():
            return [_escaped(each) for each in value]
        case _:
            return value
