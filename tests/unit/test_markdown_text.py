"""Texts inside Markdown stand there as they are."""

import pytest

from pipelines.markdown_text import escaped, unescaped
from tests.odd_names import ODD_TEXTS


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
def test_no_sign_of_markdown_is_left_to_itself(text: str) -> None:
    in_markdown = escaped(text)
    for sign in "`*_[]<|&~":
        assert in_markdown.count(sign) == in_markdown.count("\\" + sign)
    assert "\n" not in in_markdown
    assert unescaped(in_markdown) == text.replace("\n", " ")


def test_plain_sentences_stay_as_they_are() -> None:
    assert (
        escaped("1 of 2 rows (50 %) can't be read: see line 3.")
        == "1 of 2 rows (50 %) can't be read: see line 3."
    )
