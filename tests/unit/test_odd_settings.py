"""Names in treue.yml that break programs: refused in a sentence that stays short, and never run."""

import pytest
import yaml

from pipelines.settings import EXTRACT_NAME
from pipelines.settings_file import SettingsError
from tests.conftest import PROJECT, Home
from tests.odd_names import CANARY, ODD_TEXTS, canaries
from tests.unit.ingest.test_bad_input import ORDERS, SURVEY

LONGEST_SENTENCE = 800
# Beside the path of the file: the name cut twice, as key and as what was found, and what was allowed.


def named(old: str, text: str, settings: str = ORDERS) -> str:
    """The settings with the text in the place of a name."""
    written = yaml.safe_dump(text, allow_unicode=True, width=100_000, default_style='"').strip()
    # A key of more than 1,024 characters has to be announced.
    key = f"? {written}\n  :" if len(text) > 1000 else f"{written}:"
    assert f"{old}:" in settings or f": {old}" in settings
    return settings.replace(f"  {old}:", f"  {key}").replace(f": {old}", f": {written}")


def refusal(home: Home, settings: str) -> str:
    with pytest.raises(SettingsError) as caught:
        home.settings(settings)
    assert canaries(home.paths.root.parent) == []
    assert not (PROJECT / CANARY).exists()
    return str(caught.value)


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
def test_an_extract_of_such_a_name_is_refused_with_what_is_allowed(home: Home, text: str) -> None:
    told = refusal(home, named("shop_orders", text))
    assert EXTRACT_NAME in told
    assert told.startswith(f"{home.paths.settings_file} line 6, extracts.")
    assert "\n" not in told
    assert len(told) < LONGEST_SENTENCE


@pytest.mark.parametrize("text", ["shop\n", "", "Shop", "1shop", "s" * 64, "şhop", "shop orders", "../shop"])
def test_names_that_nearly_fit_are_refused_too(home: Home, text: str) -> None:
    assert EXTRACT_NAME in refusal(home, named("shop_orders", text))


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
def test_a_question_of_such_an_id_is_refused_with_what_is_allowed(home: Home, text: str) -> None:
    told = refusal(
        home, SURVEY.replace("id: recommend", f"id: {yaml.safe_dump(text, default_style=chr(34))}")
    )
    assert "^[a-z][a-z0-9_]{0,62}$" in told
    assert len(told) < LONGEST_SENTENCE


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("construct: recommend, scale: [0, 10]", "construct: driver, scale: [1, 5], attribute: {}"),
        ("construct: recommend", "construct: {}"),
        ("construct: recommend, scale: [0, 10]", "construct: effort, scale: [1, 5], version: {}"),
    ],
)
def test_an_attribute_construct_or_version_of_such_a_name_is_refused(
    home: Home, old: str, new: str, text: str
) -> None:
    written = yaml.safe_dump(text, allow_unicode=True, width=100_000, default_style='"').strip()
    told = refusal(home, SURVEY.replace(old, new.format(written)))
    assert "extracts.befragung.questions.0" in told
    assert len(told) < 2 * LONGEST_SENTENCE


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
@pytest.mark.parametrize(
    "line",
    [
        "segments: [{{name: {}, from: customers.country}}]",
        "postgres: {{reader_role: {}}}",
        "time_zone: {}",
        "currency: {}",
        "publish: [{}]",
        "relationship_survey: {}",
        "as_of: {}",
        "settings: {{{}: 1}}",
    ],
)
def test_such_a_name_is_refused_wherever_a_name_is_chosen_from_few(home: Home, line: str, text: str) -> None:
    written = yaml.safe_dump(text, allow_unicode=True, width=100_000, default_style='"').strip()
    key = line.partition(":")[0]
    others = "\n".join(each for each in ORDERS.splitlines() if not each.startswith(f"{key}:"))
    name = f"? {written}\n  " if "{}: 1" in line and len(text) > 1000 else written
    told = refusal(home, f"{others}\n{line.format(name)}\n")
    assert f", {key}" in told
    assert len(told.replace(str(home.paths.root), "")) < 2 * LONGEST_SENTENCE


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ("../other/*.csv", "must stay below landing/"),
        ("/etc/passwd", "must stay below landing/"),
        ("orders/../../treue.yml", "must stay below landing/"),
        ("{{ 7 * 7 }}.csv", "only one placeholder is known"),
    ],
)
def test_a_pattern_that_leads_out_of_landing_is_refused(home: Home, files: str, told: str) -> None:
    assert told in refusal(home, ORDERS.replace("orders/*.csv*", files))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "company: !!python/object/apply:os.system ['touch x']\n",
            "line 1: not valid YAML: could not determine",
        ),
        ("company: a\0b\n", "line 1: not valid YAML: special characters are not allowed"),
        ('company: x\ntime_zone: "a\\0b"\n', "line 2, time_zone: '\\x00' is not allowed in a text"),
        ('company: "\\ud83c\\udf3b"\n', "line 1, company: '\\ud83c' is not allowed in a text"),
        ('"\\0": x\n', "line 1, the file: '\\x00' is not allowed in a text"),
        ("company: &a [*a]\n", "brackets or anchors without an end"),
        ("company: " + "[" * 5000, "brackets or anchors without an end"),
        ("? [a, b]\n: 1\n", "line 1, the file: a key must be a word or a number"),
        ("? {a: b}\n: 1\n", "line 1, the file: a key must be a word or a number"),
    ],
)
def test_yaml_that_wants_more_than_to_be_read_is_refused_in_a_sentence(
    home: Home, text: str, told: str
) -> None:
    assert told in refusal(home, text)
