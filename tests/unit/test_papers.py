"""Accepted papers: who gets which affiliation, papers listed twice, and that no name leaves the archive."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import SOURCES, good_document
from recordings import ignored, recorded

from extractors.contract import Document
from extractors.papers.author_slots import (
    affiliation_of,
    author_keys,
    domain_of,
    normal_name,
    paper_key,
    track_of,
)
from flows.refresh import demo_publishers
from warehouse.staging import stage
from warehouse.store import archive, secret
from warehouse.store.paths import Layout

VIRTUAL, LISTS, ACCEPTED, YEARS = (
    "neurips_virtual",
    "paperlists",
    "neurips_accepted",
    "neurips_proceedings_years",
)
PERSONAL = [name for name, source in SOURCES.items() if source.personal]
UNGIVEN = "an affiliation that no author can be given: the lists of authors and affiliations differ in length"
NAMES, MAIL = ("Jane Q. Private", "Zoë Ångström"), "jane.private@cs.mit.edu"


def event(title: str, *authors: tuple[str, str | None], **changes) -> dict:
    """A paper as the virtual site prints it."""
    people = [
        {"id": n, "fullname": name, "url": "http://testserver/1", "institution": place}
        for n, (name, place) in enumerate(authors)
    ]
    return {
        "name": title,
        "authors": people,
        "decision": "Accept (poster)",
        "eventtype": "Poster",
        "paper_url": None,
    } | changes


def site(*events: dict, **changes) -> bytes:
    return json.dumps(
        {"count": len(events), "next": None, "previous": None, "results": list(events)} | changes
    ).encode()


def listed(**fields) -> bytes:
    """A list of one paper as Paper Copilot prints it."""
    paper = {
        "title": "A title",
        "status": "Poster",
        "track": "main",
        "author": "A. One;B. Two",
        "aff": "MIT;ETH",
        "aff_domain": "mit.edu;ethz.ch",
    }
    return json.dumps([paper | fields]).encode()


def page(*lines: str, announced: int | None = None, end: str = "</html>") -> bytes:
    """A page of accepted papers; a line is title|authors."""
    entries = "".join("<p><b>{}</b><br><i>{}</i></p>".format(*line.split("|")) for line in lines)
    return (
        "<!DOCTYPE html><html><body><h4>Accepted Papers <small"
        f" class='gray'>{announced or len(lines)}</small></h4>{entries}</body>{end}"
    ).encode()


# source, file, year -> papers, author positions, those with an affiliation, papers without authors
RECORDED = [
    (YEARS, "neurips_proceedings_metadata/neurips_2015.json", "2015", 403, 1321, 1253, 0),
    (YEARS, "neurips_proceedings_metadata/neurips_2019.json", "2019", 1427, 5568, 5534, 1),
    (YEARS, "neurips_proceedings_metadata/neurips_2020.json", "2020", 1899, 7793, 7778, 0),
    (YEARS, "neurips_proceedings_metadata/neurips_2021.json", "2021", 2334, 9932, 0, 0),
    (ACCEPTED, "neurips_2019_AcceptedPapersInitial.html", "2019", 1429, 5569, 5556, 0),
    ("neurips_schedule", "neurips_2022_sanagno.json", "2022", 2906, 13407, 12955, 0),
    (LISTS, "paperlists/nips2018.json", "2018", 1008, 3827, 3488, 1),
    (LISTS, "paperlists/nips2021.json", "2021", 2508, 11291, 6668, 0),
    (LISTS, "paperlists/nips2022_authors_only.json", "2022", 2834, 13191, 0, 0),
    (LISTS, "paperlists/nips2023_authors_only.json", "2023", 3584, 18037, 0, 3),
]


@pytest.mark.parametrize(("source", "file", "year", "papers", "positions", "placed", "blank"), RECORDED)
def test_recorded_figures(asked, recordings, source, file, year, papers, positions, placed, blank):
    """The files as they were published pass the checks and give the known figures; nothing is set aside."""
    seen = asked(source, recorded(recordings, f"talent/{file}"), part=year)
    assert seen.outcome == "new", seen.message
    assert seen.vintage.staged.quarantined == 0
    assert seen.rows("SELECT count(DISTINCT paper), count(*), count(affiliation) FROM rows") == [
        (papers, positions, placed)
    ]
    reasons = seen.vintage.staged.ignored["author_slot"]
    assert reasons.get("a paper without authors", 0) == blank
    # 4,621 positions are in papers whose lists differ in length, two more are blank
    if file.endswith("nips2021.json"):
        assert round((positions - placed - 2) / positions, 3) == 0.409
        assert reasons == {UNGIVEN: 3389, "not accepted: reject": 920}
    if year == "2022" and source == "neurips_schedule":
        assert seen.rows("SELECT count(DISTINCT paper) FROM rows WHERE paper LIKE '%-2'") == [(3,)], (
            "three titles are of two papers each"
        )
        assert seen.rows("SELECT count(*) FROM rows WHERE affiliation = 'mail.tsinghua.edu.cn'") == [(1,)], (
            "printed as an address"
        )


def test_recorded_pair_counts(asked, recordings):
    seen = asked(
        "affiliation_pairs", recorded(recordings, "talent/us_vs_china_2021_2025/affiliation_counts_full.csv")
    )
    assert seen.outcome == "new", seen.message
    sums = seen.rows("SELECT year(edition), sum(papers) FROM rows GROUP BY ALL ORDER BY 1")
    assert sums == [(2021, 7163), (2022, 7236), (2023, 8974), (2024, 11873), (2025, 16441)]
    assert seen.vintage.staged.ignored == {"affiliation_count": {"papers without an affiliation": 1}}


@pytest.mark.parametrize("source", PERSONAL)
def test_no_name_is_staged(staging, source):
    """Not in rows, reasons, places or the summary. The samples' authors are called A. Author, B. Writer and
    so on."""
    for entry in demo_publishers.documents(SOURCES[source]):
        names = set(
            re.findall(
                r"[A-Z]\. (?:Author|Writer|Example|Nobody)|\bAuthor\b|\bWriter\b", entry["content"].decode()
            )
        )
        assert names
        staged = staging(source, entry["content"], entry["part"])
        told = str(staging.rows(staged)) + str(staging.rows(staged, "FROM quarantine")) + str(staged.ignored)
        assert not {name for name in names if name in told}


@pytest.mark.parametrize(
    ("source", "body"),
    [
        (VIRTUAL, site(event("", (NAMES[0], MAIL), (NAMES[1], f"{MAIL}, MIT")))),
        (
            LISTS,
            listed(
                title="",
                author=";".join(NAMES),
                aff=f"{MAIL};{MAIL}",
                aff_domain=f"{MAIL};@mit.edu",
                authorids=f"~Jane_Private1;{MAIL}",
            ),
        ),
        (ACCEPTED, page(f"|{NAMES[0]} ({MAIL}) &middot; {NAMES[1]} ({MAIL})")),
    ],
)
def test_no_name_is_set_aside(staging, source, body):
    """Rows without a title go to quarantine, with the institution and without the person."""
    staged = staging(source, body, "2020-10")
    told = str(staging.rows(staged, "FROM quarantine"))
    assert staged.quarantined == 2
    assert "cs.mit.edu" in told
    assert not [word for word in (*NAMES, "Jane", "jane", "Private", "private", "ngstr") if word in told]


@pytest.mark.parametrize(
    "source", [VIRTUAL, LISTS, ACCEPTED, YEARS, "neurips_schedule", "neurips_paper_metadata"]
)
@pytest.mark.parametrize(
    "change",
    [
        ('"', "'"),
        ('"fullname"', '"name"'),
        ('"A. ', '["A. '),
        ("authors", "people"),
        ("</", "<"),
        ("Poster", "P. Private"),
    ],
)
def test_refusals_name_nobody(staging, source, change):
    entry = good_document(source)
    staged = staging(source, entry["content"].decode().replace(*change).encode(), entry["part"])
    assert not re.search(r"Author|Writer|Example", staged.drift or ""), staged.drift


@pytest.mark.parametrize("source", PERSONAL)
def test_without_a_secret_nothing_is_read(tmp_path, source):
    layout, entry = Layout(tmp_path), good_document(source)
    stored = archive.store(layout.archive, [entry["content"]], SOURCES[source].limit)
    staged = stage.stage(layout, SOURCES[source], Document(source, stored.sha256, stored.path, entry["part"]))
    assert "no secret was given" in staged.drift


def test_the_secret_is_made_once_and_kept(tmp_path, monkeypatch):
    monkeypatch.delenv(secret.VARIABLE, raising=False)
    layout = Layout(tmp_path / "data")
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: secret.of(layout), range(32)))
    assert [len(secret) for secret in found] == [64]
    assert layout.salt.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in layout.root.iterdir()] == ["salt"]
    monkeypatch.setenv(secret.VARIABLE, "another secret of ours")
    assert secret.of(layout) == b"another secret of ours"
    monkeypatch.setenv(secret.VARIABLE, "short")
    with pytest.raises(ValueError, match="at least 16") as error:
        secret.of(layout)
    assert "short" not in str(error.value).replace("at least", "")


def test_keys_of_authors(tmp_path):
    def key(name: str, edition: str = "2024-01-01", secret: bytes = b"x" * 16) -> str | None:
        return author_keys(Document(LISTS, "0" * 64, tmp_path, "2024", secret), edition)(normal_name(name))

    assert (
        key("José  Núñez")
        == key("jose nunez")
        == key("JOSE\u0301 NUN\u0303EZ ")
        == key("Jos&eacute; N&uacute;&ntilde;ez")
    )
    assert re.fullmatch(r"[0-9a-f]{16}", key("José Núñez"))
    assert (
        len(
            {
                key("A One"),
                key("A One", "2025-01-01"),
                key("A One", secret=b"y" * 16),
                key("A Two"),
                key("王伟"),
                key("王 伟"),
            }
        )
        == 6
    )
    assert key(" ") is None
    assert "x" * 16 not in repr(Document(LISTS, "0" * 64, tmp_path, "2024", b"x" * 16))


def test_another_secret_stages_anew(monkeypatch, staging):
    body = site(event("T", ("A", "MIT")))
    monkeypatch.setenv(secret.VARIABLE, "the first secret")
    first = staging(VIRTUAL, body, "2024-10")
    monkeypatch.setenv(secret.VARIABLE, "the second secret")
    second = staging(VIRTUAL, body, "2024-10")
    assert first.folder != second.folder
    assert staging.rows(first, "SELECT author FROM rows") != staging.rows(second, "SELECT author FROM rows")


@pytest.mark.parametrize(
    ("printed", "kept"),
    [
        ("AT&amp;amp;T &amp; T\tLabs\n", "AT&T & T Labs"),
        ("\u200bSkol\u00adkovo\x00Institute\x1b", "Skolkovo Institute"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("someone@mit.edu", "mit.edu"),
        ("MIT (mailto:a.b+c@cs.mit.edu), {x,y}@ox.ac.uk", "MIT (cs.mit.edu), ox.ac.uk"),
        ("DeepMind @ Google", "DeepMind @ Google"),
        ("CNRS@CREATE", "CNRS@CREATE"),
        *((nothing, None) for nothing in ("", " ", "-", "--", "–", "None", "none", "&nbsp;", None)),
    ],
)
def test_affiliations_as_printed(printed, kept):
    assert affiliation_of(printed) == kept


def test_long_affiliations(asked):
    """Kept as printed, whatever their length, with a warning; one with an @ takes no longer."""
    long = "x" * 10_000
    seen = asked(
        VIRTUAL,
        site(event("T", ("A", long), ("B", long + " a@b.org"), ("C", long + "@b.org " * 400))),
        part="2024-10",
    )
    assert seen.outcome == "new", seen.message
    assert seen.rows("SELECT length(affiliation) FROM rows WHERE position < 3 ORDER BY position") == [
        (10_000,),
        (10_006,),
    ]


def test_domains_tracks_and_titles():
    assert domain_of("jane@CS.mit.edu; @stanford.edu + www.ethz.ch") == "cs.mit.edu;stanford.edu;ethz.ch"
    assert domain_of("∗") is domain_of("") is domain_of(None) is None
    assert {track_of(name) for name in ("Datasets & Benchmarks", "Datasets_and_Benchmarks_Track")} == {
        "datasets and benchmarks"
    }
    assert (track_of("Conference"), track_of("Position_Paper_Track"), track_of(None)) == (
        "main",
        "position",
        None,
    )
    assert paper_key("A  Title: of $x$!") == paper_key("a title of x") != paper_key("a title of y")
    assert paper_key("?!") != paper_key("!?")


@pytest.mark.parametrize("aff", ["MIT", "MIT;ETH;UCL"])
def test_lists_of_other_length_give_nobody_an_affiliation(staging, aff):
    staged = staging(
        LISTS,
        json.dumps([*json.loads(listed(aff=aff)), *json.loads(listed(title="Another"))]).encode(),
        "2021",
    )
    assert staging.rows(staged, "SELECT affiliation, domain FROM rows ORDER BY title, position") == [
        (None, "mit.edu"),
        (None, "ethz.ch"),
        ("MIT", "mit.edu"),
        ("ETH", "ethz.ch"),
    ]
    assert staged.ignored["author_slot"] == {UNGIVEN: aff.count(";") + 1}
    assert "not one can be given" in staging(LISTS, listed(aff=aff), "2021").drift


def test_whole_years_without_institutions(asked):
    """Known of the proceedings of 2021, and of no other year or source."""
    blank = site(*(event(f"T{n}", ("A", None), ("B", "-")) for n in range(9)))
    assert "as many authors have an affiliation" in asked(VIRTUAL, blank, part="2023-10").message
    paper = {
        "title": "T",
        "authors": [{"given_name": ["A"], "family_name": "B", "institution": None}],
        "url": "",
    }
    assert asked(YEARS, json.dumps([paper]).encode(), part="2021").outcome == "new"
    assert asked(YEARS, json.dumps([paper]).encode(), part="2020").outcome == "failed"
    paper["authors"][0]["institution"] = "MIT"
    assert (
        "as many authors have an affiliation"
        in asked(YEARS, json.dumps([paper]).encode(), part="2021").message
    )
    assert asked(LISTS, listed(), part="2024").outcome == "new"
    lost = json.loads(listed())
    del lost[0]["aff"]
    assert "falls by at most 5 points" in asked(LISTS, json.dumps(lost).encode(), part="2024").message


def test_papers_listed_twice(staging):
    one, other = [("A One", "MIT"), ("B Two", None)], [("C Three", "ETH")]
    body = site(
        event("A title", *one, paper_url="https://o/1"),
        event(
            "A  Title",
            ("A One", "MIT"),
            ("B Two", "UCL"),
            paper_url="https://o/1",
            decision="Accept",
            eventtype="Oral",
        ),
        event("A title", *other, paper_url="https://o/2"),
        event("Other words", *reversed(one), paper_url="https://o/1"),
        event("Unlike", *other, paper_url="https://o/1"),
    )
    staged = staging(VIRTUAL, body, "2024-10")
    assert staging.rows(
        staged,
        "SELECT right(paper, 2) = '-2', title, decision, affiliation, authors, position, locator FROM rows"
        " ORDER BY locator",
    ) == [
        (False, "A Title", "oral", "MIT", 2, 1, "$.results[1].authors[0]"),
        (False, "A Title", "oral", "UCL", 2, 2, "$.results[1].authors[1]"),
        (True, "A title", "poster", "ETH", 1, 1, "$.results[2].authors[0]"),
        (False, "Unlike", "poster", "ETH", 1, 1, "$.results[4].authors[0]"),
    ]
    assert staged.ignored["author_slot"] == {"listed again": 4}
    assert staged.rows["author_slot"] + ignored(staged) == sum(
        len(result["authors"]) for result in json.loads(body)["results"]
    )


@pytest.mark.parametrize(
    ("source", "body", "says"),
    [
        (VIRTUAL, site(event("T", ("A", "MIT")), count=2), "announces 2 papers and holds 1"),
        (VIRTUAL, site(event("T", ("A", "MIT")), next="https://neurips.cc/page/2"), "one page of several"),
        (VIRTUAL, site(), "no papers are listed yet"),
        (
            VIRTUAL,
            site(event("T", ("A", "MIT"), virtualsite_url="/virtual/2023/poster/1")),
            "belongs to the site of 2023",
        ),
        (VIRTUAL, site({"name": "T"}), "missing: 'authors'"),
        (ACCEPTED, page("T|A (MIT)", announced=2), "announces 2 papers and lists 1"),
        (ACCEPTED, page("T|A (MIT)", end=""), "cut off?"),
        (
            YEARS,
            json.dumps(
                [{"title": "T", "authors": [], "url": "https://papers.nips.cc/paper/2019/file/x-Paper.pdf"}]
            ).encode(),
            "a paper of 2019",
        ),
    ],
)
def test_refused(staging, source, body, says):
    assert says in staging(source, body, "2024-10").drift


@pytest.mark.parametrize(
    ("source", "body", "says"),
    [
        (
            VIRTUAL,
            site(event("T", ("A", "MIT")), event("U", ("B", "MIT"), decision="Shortlisted")),
            "decision 'shortlisted' is unknown: is the paper accepted?",
        ),
        (
            VIRTUAL,
            site(event("T", ("A", "MIT")), event("U", ("B", "MIT"), authors=[{"institution": "MIT"}])),
            "an author: missing: 'fullname'",
        ),
    ],
)
def test_one_paper_that_cannot_be_read_is_one_paper(staging, source, body, says):
    staged = staging(source, body, "2024-10")
    [(reason, raw)] = staging.rows(staged, "SELECT reason, raw FROM quarantine")
    assert says in reason
    assert raw is None, "it may name people"
    assert staged.rows["author_slot"] == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"decision": "Reject"}, "not accepted: reject"),
        ({"decision": "Withdrawn by authors"}, "not accepted: withdrawn by authors"),
        ({"visible": False}, "not shown on the site"),
        ({"decision": None, "eventtype": "Invited Talk"}, "no paper, but: invited talk"),
    ],
)
def test_what_is_no_accepted_paper_is_ignored_by_name(staging, changes, reason):
    staged = staging(VIRTUAL, site(event("T", ("A", "MIT")), event("U", ("B", "MIT"), **changes)), "2024-10")
    assert (staged.drift, staged.ignored["author_slot"]) == (None, {reason: 1})


def test_the_track_stands_in_the_address_too(staging):
    origin = "https://openreview.net/group?id=NeurIPS.cc/2023/Track/Datasets_and_Benchmarks"
    body = site(event("T", ("A", "MIT"), sourceurl=origin), event("U", ("B", "MIT"), decision="Journal"))
    staged = staging(VIRTUAL, body, "2023-10")
    assert staging.rows(staged, "SELECT title, track FROM rows ORDER BY title") == [
        ("T", "datasets and benchmarks"),
        ("U", "journal"),
    ]


def test_unknown_fields_are_noted_and_refuse_nothing(staging):
    staged = staging(VIRTUAL, site(event("T", ("A", "MIT"), colour="red")), "2024-10")
    assert ("$.results[*]", "added", "colour", "") in {tuple(one) for one in staged.differences}
    assert (staged.drift, staged.ignored["author_slot"]) == (None, {})
    assert "--part YEAR" in staging(VIRTUAL, site(event("T", ("A", "MIT"))), "").drift


def test_brackets_within_brackets_and_places(staging):
    body = page(
        "T|A. One (IBM (T.J. Watson)) &middot; B (b) Two (Georgia Tech / FAIR (Paris)) &middot; C."
        " Three () &middot; D. Four &middot; E. Five (F) G)",
        "&lt;b&gt;|E (<b>X</b>)",
    )
    staged = staging(ACCEPTED, body, "2019")
    assert staging.rows(staged, "SELECT affiliation, locator FROM rows ORDER BY locator") == [
        ("IBM (T.J. Watson)", "paper 1, author 1"),
        ("Georgia Tech / FAIR (Paris)", "paper 1, author 2"),
        (None, "paper 1, author 3"),
        (None, "paper 1, author 4"),
        ("F) G", "paper 1, author 5"),
        ("X", "paper 2, author 1"),
    ]


def test_the_lists_lead_to_the_metadata(tmp_path):
    """One question for each paper, by year and id; the sample holds every one of them."""
    follow, found = SOURCES["neurips_paper_metadata"].follower(), {}
    for entry in demo_publishers.documents(SOURCES["neurips_proceedings_lists"]):
        path = tmp_path / entry["part"]
        path.write_bytes(entry["content"])
        found |= {
            ask.part: ask.url
            for ask in follow(Document("neurips_proceedings_lists", "0" * 64, path, entry["part"]))
        }
    assert found == {
        entry["part"]: entry["url"] for entry in demo_publishers.documents(SOURCES["neurips_paper_metadata"])
    }


def test_a_smaller_vintage_is_refused(asked):
    papers = [event(f"T{n}", ("A", "MIT")) for n in range(20)]
    assert asked(VIRTUAL, site(*papers), part="2024-10").outcome == "new"
    assert "not smaller than 98 %" in asked(VIRTUAL, site(*papers[:19]), part="2024-10").message
