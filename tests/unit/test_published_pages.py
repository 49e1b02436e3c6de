"""Pages that published figures were taken from: words that are still there, words that changed, and pages
that are none."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import duckdb
import pytest
from bs4 import BeautifulSoup
from conftest import SOURCES, good_document, judged

from expectations.alerts import rows
from extractors.contract import Document
from extractors.published.figures import all_figures
from extractors.published.published_pages.extract import follow, part_of, squeezed, visible
from flows.refresh import demo_publishers
from warehouse.acquire import documents_due
from warehouse.staging import vintage
from warehouse.store.paths import Layout

FIGURES, PAGES = "published_figures", "published_pages"


def words_at(body: bytes, locator: str) -> str:
    """The visible text at the place that a locator of a page names."""
    first, last = map(int, re.fullmatch(r"visible text, characters (\d+) to (\d+)", locator).groups())
    return visible(BeautifulSoup(body.decode(), "html.parser"))[first - 1 : last]


def page(body: str, title: str = "A page", head: str = "") -> bytes:
    return (
        f"<html><head><title>{title}</title>{head}</"
        f"head><body>{'<p>Other words stand here.</p>' * 12}{body}</body></html>"
    ).encode()


HOOVER = "https://hoover.org/node/368505"
PART = part_of(HOOVER)
WORDS = "more than half never left China for study or work"


def found(staging, body: bytes) -> bool:
    [(answer,)] = staging.rows(staging(PAGES, body, PART), "SELECT found FROM rows")
    return answer


@pytest.mark.parametrize("entry", demo_publishers.documents(SOURCES[PAGES]), ids=lambda entry: entry["part"])
def test_sample_pages_hold_their_words(staging, entry):
    staged = staging(PAGES, entry["content"], entry["part"])
    assert (staged.drift, staged.quarantined) == (None, 0)
    assert staged.rows["quote_check"] == sum(
        row["url"] == entry["url"] and bool(row["quote"]) for row in all_figures()
    )
    for locator, quote, holds in staging.rows(staged, "SELECT locator, quote, found FROM rows"):
        assert holds
        assert words_at(entry["content"], locator) == squeezed(quote)


def test_follows_the_watched_figures():
    """One question for a page, however many figures stand on it; the sample holds every page that is asked
    for."""
    pointed = {}
    for day, body in documents_due.reviewed(SOURCES[FIGURES]).items():
        document = Document(FIGURES, "0" * 64, Path("unused"), day)
        document.__dict__["content"] = body
        pointed |= {ask.part: ask.url for ask in follow(document)}
    assert pointed == {entry["part"]: entry["url"] for entry in demo_publishers.documents(SOURCES[PAGES])}
    assert set(pointed.values()) == {row["url"] for row in all_figures() if row["watched"] == "true"}
    assert (
        "https://openai.com/index/a-business-that-scales-with-the-value-of-intelligence/"
        not in pointed.values()
    ), "refuses scripts"


@pytest.mark.parametrize(
    "body",
    [
        f"<p>{WORDS}.</p>",
        "<p>more than <b>half</b> never <a href='#'>left <i>Chi</i>na</a>\n\tfor study or work</p>",
        "<ul><li>more than half</li><li>never left China</li></ul><div>for study</div> or work",
        "<p>more&nbsp;than\u00a0half never left China for stu\u00addy or\u200b work</p>",
    ],
    ids=["as it was", "in several tags", "in a list", "other blanks"],
)
def test_words_in_another_form_are_the_same(staging, body):
    assert found(staging, page(body))


def test_signs_in_another_form_are_the_same():
    assert squeezed("“Don’t — top\u00a0AI’s 2019–2022”") == squeezed("\"Don't - top AI's 2019-2022\"")


@pytest.mark.parametrize(
    "body",
    [
        f"<p>{WORDS.replace('half', 'a third')}</p>",
        f"<script>var text = '{WORDS}';</script>",
        f"<style>/* {WORDS} */</style><!-- {WORDS} -->",
        (
            f"<p hidden>{WORDS}</p><div"
            f" style='display:none'>{WORDS}</div><noscript>{WORDS}</noscript><template>{WORDS}</template>"
        ),
    ],
    ids=["changed sentence", "in a script", "in a comment", "hidden"],
)
def test_words_that_no_reader_sees_are_not_there(staging, body):
    assert not found(staging, page(body))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (page("<p>Sorry.</p>", title="Page not found | Hoover Institution"), "called 'Page not found"),
        (page("", title="404"), "called '404'"),
        (page("", title="Just a moment..."), "called 'Just a moment"),
        (
            (
                b"<html><head><title>Hoover</title></head><body><div"
                b" id='app'></div><script>load()</script></body></html>"
            ),
            "shows 0 characters",
        ),
        (
            page("<p>Welcome.</p>", head="<link rel='canonical' href='https://www.hoover.org/'>"),
            "calls itself https://www.hoover.org/",
        ),
        (b"{}", "shows 2 characters"),
    ],
    ids=["soft 404", "404", "challenge", "needs scripts", "leads to the front page", "no page"],
)
def test_a_page_that_is_not_the_article_is_drift(staging, body, says):
    """None of these shows that the words were changed."""
    assert says in staging(PAGES, body, PART).drift


@pytest.mark.parametrize(
    "named",
    [
        "https://www.hoover.org/research/a-new-name",
        "/node/368505/",
        "https://www.hoover.org/node/368505?from=home",
    ],
)
def test_a_page_that_moved_with_its_words_counts(staging, named):
    assert found(staging, page(f"<p>{WORDS}</p>", head=f"<link rel='canonical' href='{named}'>"))


def test_a_page_about_a_missing_thing_is_still_a_page(staging):
    assert found(staging, page(f"<p>{WORDS}</p>", title="Talent not found at home: why it left"))


def test_page_in_an_older_encoding(staging):
    body = (
        page(f"<p>{WORDS} — “so”</p>", head='<meta charset="windows-1252">').decode().encode("windows-1252")
    )
    assert found(staging, body)


def test_page_of_no_figure_is_drift(staging):
    assert "quotes nothing of this page" in staging(PAGES, page(WORDS), "example.org-00000000").drift


@pytest.fixture
def weeks_later(tmp_path, asked):
    """Asks for a page that was seen, as ``before``, some weeks ago: a page is asked for once a week."""

    def ask(before: bytes, now: bytes):
        path = tmp_path / "before.html"
        path.write_bytes(before)
        vintage.backfill(
            Layout(tmp_path / "data"), SOURCES[PAGES], path, dt.datetime(2026, 9, 1, tzinfo=dt.UTC), part=PART
        )
        return asked(PAGES, now, part=PART, url=HOOVER)

    return ask


def test_changed_words_are_told_and_the_page_is_kept(weeks_later):
    """Gone words warn; they do not hold the page back."""
    content = good_document(PAGES, PART)["content"]
    seen = weeks_later(content, content.replace(b"more than half", b"many of them"))
    assert seen.outcome == "new", seen.message
    assert seen.rows("SELECT found FROM rows") == [(False,)]
    _, results = judged(seen.stage.layout, SOURCES[PAGES])
    told = [
        (row["severity"], row["status"])
        for row in results
        if row["name"] == "the words are still on the page"
    ]
    assert told == [("warn", "pass"), ("warn", "fail")]


def test_page_that_shrank_is_held_back(weeks_later):
    seen = weeks_later(
        page(f"<p>{WORDS}</p>" + "<p>And many more words.</p>" * 100),
        page("<p>Please accept our cookies.</p>"),
    )
    assert (seen.outcome, "less than a quarter of what it was" in seen.message) == ("failed", True), (
        seen.message
    )


@pytest.mark.parametrize(("status", "outcome"), [(403, "blocked"), (404, "rejected")])
def test_refused_pages(asked, status, outcome):
    assert asked(PAGES, b"no", part=PART, url=HOOVER, status=status).outcome == outcome


@pytest.mark.duckdb2
def test_words_that_left_their_page_since_the_last_release_are_noticed():
    """Not those that were gone before, that are there, that nobody had found, or that another source lost."""
    seen = {
        "gone": (True, False),
        "gone_before": (True, False),
        "there": (True, True),
        "never": (False, False),
        "back": (False, True),
    }
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA history")
        con.execute(
            """CREATE TABLE history.quote_check (source VARCHAR, figure VARCHAR, url VARCHAR, quote VARCHAR,
            found BOOLEAN, known_from TIMESTAMP, known_to TIMESTAMP)"""
        )
        for figure, found in seen.items():
            changed = "2026-08-01" if figure == "gone_before" else "2026-09-02"
            for stated, begin, end in zip(found, ("2026-07-01", changed), (changed, None), strict=True):
                row = [
                    "pages",
                    figure,
                    f"https://example.org/{figure}",
                    "so {many} chips",
                    stated,
                    begin,
                    end,
                ]
                con.execute("INSERT INTO history.quote_check VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        con.execute(
            """INSERT INTO history.quote_check SELECT * REPLACE ('other' AS source)
            FROM history.quote_check WHERE NOT found AND figure = 'gone'"""
        )
        message = (
            "Published figure gone: its words are no longer on https://example.org/gone:"
            ' "so {many} chips". Look at the page, then at the figure.'
        )
        assert rows.noticed(con, "2026-09-01 00:00:00") == {"words": [("gone", message)]}
