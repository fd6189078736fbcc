"""Names and texts of the sort that breaks programs which put them into SQL, shells, paths, pages or messages.

What must stay out: where they are used.
"""

import random
import string
from pathlib import Path

CANARY = "executed_by_a_name"
# What a text would leave behind, in whatever folder, if anybody ever ran it.

ODD_TEXTS = {
    "a statement": f"'); copy (select 42) to '{CANARY}'; drop table loyalty.customers; --",
    "a quoted name": f"\"; copy (select 42) to '{CANARY}'; drop schema loyalty cascade; --",
    "a way out": f"../../../../{CANARY}",
    "a command": f"$(touch {CANARY}) `touch {CANARY}`; touch {CANARY} | touch {CANARY}",
    "two lines": "one\ntwo",
    "emoji": "🌻 👩‍👩‍👧",
    "markup": "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">",
    "markdown": "a | b **c** [d](javascript:document.title='run')",
    "a template": "{{ 7 * 7 }}{% set a = 1 %}${7*7}",
    "a format": "{0} %s %(x)s \\1 $1",
    "a pattern": "a*[b]?.+(c|d)^$",
    "backslashes": "a\\'b\\\"c\\",
    "right to left": "\u202egnp.exe \u200b\u00ad",
    "very long": "".join(random.Random(10_000).choices(string.ascii_letters, k=10_000)),
}
# The last can't be made shorter by packing it, as an index would try.


def file_name(text: str) -> str:
    """The text as far as a file of Linux can be called so."""
    # One that begins with a full stop is hidden, and no delivery.
    return text.replace("/", "\u2215").lstrip(".").encode()[:200].decode(errors="ignore")


def canaries(*folders: Path) -> list[Path]:
    """What the texts left behind below the folders; the name stands in no file name but that of a canary."""
    return [path for folder in folders for path in folder.rglob(CANARY)]
