"""Readers that parsers share, and the places they give when a file is not quite a CSV."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from conftest import good

from extractors.contract import Document, LayoutChanged, Unreadable
from extractors.formats import values
from extractors.formats.packed import zip_member
from extractors.formats.tabular import Layout, csv_records, match_layout

DOC = Document("source", "0" * 64, Path("/nowhere"))
OWID = "owid_electricity_generation"
HEADER = b"entity,code,year,total_generation__twh\n"
A = Layout("first", {"name": "name", "year": "year", "value": "value"})
B = Layout("second", {"label": "name", "when": "year", "amount": "value", "note": None})


@pytest.mark.parametrize(
    ("head", "layout"),
    [
        (b"name,year,value\n1,2,3\n", A),
        (b"\xef\xbb\xbfname,year,value\r\n1,2,3\r\n", A),
        (b"name,year,value\r1,2,3\r", A),
        (b'"name","year","value"\n', A),
        (b"label,when,amount,note\n", B),
        (b"name,year,value", A),
    ],
    ids=["plain", "BOM and CRLF", "bare CR", "quoted", "second", "no line end"],
)
def test_match_layout(head, layout):
    assert match_layout(DOC, head, [A, B])[0] is layout


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (b"", ": the file is empty"),
        (b" \n\n", ": the file is empty"),
        (b"name,year,worth\n", "nearest: first); missing: 'value'; new: 'worth'"),
        (b"name,value\n", "missing: 'year'."),
        (b"name,name,year,value\n", "there twice: 'name'"),
        (b"label,when,amounts\n", "nearest: second); missing: 'amount' (now 'amounts'?)"),
        (b"name ,year,value\n", "missing: 'name' (now 'name '?)"),
        (b"Name,year,worth\n", "missing: 'name' (now 'Name'?), 'value'; new: 'Name', 'worth'"),
        (b"na\xefme,year,value\n", "byte 2 is not UTF-8"),
        ("name,year,value\n".encode("utf-16"), "byte 0 is not UTF-8"),
        (b"name;year;value\n", "missing: 'name', 'year', 'value'"),
    ],
)
def test_match_layout_says_all_that_changed(head, says):
    with pytest.raises(LayoutChanged) as drift:
        match_layout(DOC, head, [A, B])
    assert says in str(drift.value)
    assert str(drift.value).startswith(DOC.name)


@pytest.mark.parametrize(
    ("head", "noted"),
    [
        (b"year,name,value\n", []),
        (b"name,year,value,note\n", [("added", "note")]),
        (b"amount,label,when\n", [("gone", "note")]),
        (b"amount,label,when,note,note\n", []),
    ],
    ids=["moved", "added", "gone", "one that is not used twice"],
)
def test_what_is_not_used_may_be_anything(head, noted):
    document = Document("source", "0" * 64, Path("/nowhere"))
    match_layout(document, head, [A, B])
    assert [(one.change, one.field) for one in document.noted] == noted


def test_a_strict_layout_is_just_so():
    strict = Layout("ours", A.columns, strict=True)
    for head in (b"year,name,value\n", b"name,year,value,note\n"):
        with pytest.raises(LayoutChanged, match="the columns of this table are"):
            match_layout(DOC, head, [strict])


@pytest.mark.duckdb2
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["", "BOM"])
def test_line_ends_and_bom_do_not_matter(staging, end, bom):
    """The same rows at the same places, however the lines end."""
    plain, other = staging(OWID, good(OWID)), staging(OWID, bom + end.join(good(OWID).splitlines()) + end)
    assert staging.rows(other, "FROM rows ORDER BY ALL") == staging.rows(plain, "FROM rows ORDER BY ALL")
    assert (other.quarantined, other.ignored) == (plain.quarantined, plain.ignored)


@pytest.mark.duckdb2
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_places_after_records_that_cannot_be_split(staging, end):
    """Records that the reader rejects count: the places behind them are those of the file."""
    lines = [
        b"China,CHN,2001,1",
        b"China,CHN,2002",
        b"China,CHN,2003,3",
        b"China,CHN,2004,4,4",
        b"China,CHN,2005,5,5",
        b"China,CHN,2006,6",
        b"x,CHN,2007,many",
    ]
    staged = staging(OWID, HEADER.strip() + end + end.join(lines) + end)
    column = ", column total_generation__twh"
    assert staging.rows(staged, "SELECT locator, twh FROM rows ORDER BY twh") == [
        (f"record {n}{column}", float(n)) for n in (1, 3, 6)
    ]
    found = dict(staging.rows(staged, "SELECT locator, reason FROM quarantine"))
    assert set(found) == {"record 2", "record 4", "record 5", f"record 7{column}"}
    assert all(found[f"record {n}"].startswith("not a record of this file") for n in (2, 4, 5))
    raws = dict(staging.rows(staged, "SELECT locator, raw FROM quarantine"))
    assert raws["record 4"].strip() == "China,CHN,2004,4,4"


@pytest.mark.duckdb2
def test_places_in_a_large_file(staging):
    """A file that is read by several threads, with damage in it: every place is still that of its value."""
    lines = [b"a,CHN,2001,%d\n" % number for number in range(1, 250_001)]
    for damaged in (1000, 1001, 130_000, 249_999):
        lines[damaged - 1] = b"a,CHN\n"
    staged = staging(OWID, HEADER + b"".join(lines))
    assert (staged.rows["electricity_generation"], staged.quarantined) == (249_996, 4)
    wrong = (
        "SELECT locator, twh FROM rows WHERE locator <> 'record ' || twh::BIGINT || ',"
        " column total_generation__twh' LIMIT 3"
    )
    assert staging.rows(staged, wrong) == []
    assert {locator for (locator,) in staging.rows(staged, "SELECT locator FROM quarantine")} == {
        "record 1000", "record 1001", "record 130000", "record 249999",
    }  # fmt: skip


@pytest.mark.duckdb2
def test_first_and_last_records_that_cannot_be_split(staging):
    staged = staging(OWID, HEADER + b"China,CHN\nChina,CHN,2002,2\nChina,CHN,20")
    assert staging.rows(staged, "SELECT locator FROM rows") == [("record 2, column total_generation__twh",)]
    assert {locator for (locator,) in staging.rows(staged, "SELECT locator FROM quarantine")} == {
        "record 1",
        "record 3",
    }


@pytest.mark.duckdb2
def test_places_behind_a_field_with_a_line_end(staging):
    """A quoted field may hold a line end: places count records, not lines."""
    staged = staging(OWID, HEADER + b'"Chi\nna",CHN,2001,1\nChina,CHN,2002\nChina,CHN,2003,3\n')
    assert staging.rows(staged, "SELECT locator, twh FROM rows ORDER BY twh") == [
        ("record 1, column total_generation__twh", 1.0), ("record 3, column total_generation__twh", 3.0),
    ]  # fmt: skip
    assert staging.rows(staged, "SELECT locator FROM quarantine") == [("record 2",)]


@pytest.mark.duckdb2
@pytest.mark.parametrize("rows_before", [1, 5000], ids=["near the head", "far behind"])
def test_row_in_another_encoding(staging, rows_before):
    """A row that is not UTF-8 never counts. Near the head the document is refused, far behind the row is set
    aside."""
    body = (
        HEADER
        + b"".join(b"China,CHN,%d,1\n" % (2000 + n % 20) for n in range(rows_before))
        + b"Cura\xe7ao,CUW,2001,0.5\nChina,CHN,2001,2\n"
    )
    staged = staging(OWID, body)
    if rows_before == 1:
        assert "is not UTF-8" in staged.drift
        return
    [(locator, reason)] = staging.rows(staged, "SELECT locator, reason FROM quarantine")
    assert locator == f"record {rows_before + 1}"
    assert "utf-8" in reason.lower() or "unicode" in reason.lower()
    assert staging.rows(staged, "SELECT locator FROM rows WHERE twh = 2") == [
        (f"record {rows_before + 2}, column total_generation__twh",)
    ]


@pytest.mark.duckdb2
@pytest.mark.parametrize("text", ["1,234.5", "1 234", "1.234,5", "12 TWh", "inf", "1e999", "0x10", "１２"])
def test_text_that_is_no_number(staging, text):
    """Whatever is not plainly a finite number is set aside with its text."""
    quoted = f'"{text}"' if "," in text else text
    staged = staging(OWID, HEADER + f"China,CHN,2001,1\nChina,CHN,2002,{quoted}\n".encode())
    assert staged.rows["electricity_generation"] == 1
    [(locator, reason)] = staging.rows(staged, "SELECT locator, reason FROM quarantine")
    assert locator == "record 2, column total_generation__twh"
    assert text in reason


@pytest.mark.duckdb2
@pytest.mark.parametrize("text", values.NO_VALUE)
def test_text_that_says_there_is_no_value(staging, text):
    staged = staging(OWID, HEADER + f"China,CHN,2001,1\nChina,CHN,2002,{text}\n".encode())
    assert (staged.rows["electricity_generation"], staged.quarantined) == (1, 0)
    assert staged.ignored["electricity_generation"] == {"no value printed": 1}
    assert values.printed(f" {text} ") is None


def test_a_record_of_very_many_fields_is_not_read(staging):
    """60 KB of commas took a gigabyte, a megabyte of them never ended."""
    drift = staging(OWID, HEADER + b"China,CHN,2001,1\nChina" + b"," * 30_000 + b"\n").drift
    assert "line 3: over 2004 fields where the header has 4; refused" in drift
    prose = b'"' + b"a, " * 30_000 + b'",CHN,2002,2\n'
    assert staging(OWID, HEADER + b"China,CHN,2001,1\n" + prose).rows["electricity_generation"] == 2


def test_csv_records():
    body = b'\xef\xbb\xbflabel,when,amount,note\r\n x ,2001,,ignored\r\n\r\n"a,b",2002,2,\r\n1,2\r\n'
    layout, records, unreadable = csv_records(DOC, body, [A, B])
    assert layout is B
    assert records == [
        {"_n": "1", "name": "x", "year": "2001", "value": None},
        {"_n": "2", "name": "a,b", "year": "2002", "value": "2"},
    ]
    assert unreadable == [Unreadable("record 3", "2 fields where the header has 4", '["1", "2"]')]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"name,year,value\n1,2,3\n1,2", "record 2: 2 fields where the header has 3; cut off?"),
        (b"name,year,value\n1,2,\xff\n", "not UTF-8"),
        (b"other\n", "not a known layout"),
        (b"", "empty"),
    ],
)
def test_csv_records_refuses(content, says):
    with pytest.raises(LayoutChanged, match=says.replace("?", r"\?")):
        csv_records(DOC, content, [A])


def packed(tmp_path: Path, members: dict[str, bytes]) -> Document:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return written(tmp_path, buffer.getvalue())


def written(tmp_path: Path, content: bytes) -> Document:
    path = tmp_path / "document.zip"
    path.write_bytes(content)
    return Document("source", "0" * 64, path)


def test_zip_member(tmp_path):
    document = packed(tmp_path, {"folder/b.csv": b"x", "readme.md": b"y"})
    assert zip_member(document, ["a.csv", "folder/b.csv"], 10) == ("folder/b.csv", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["document.zip"]


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"c.csv": b""}, r"expected one member of \['a.csv', 'b.csv'\], found 0 \(it holds: c.csv"),
        ({"a.csv": b"", "b.csv": b""}, "found 2"),
        ({}, "found 0"),
        ({"a.csv": b"", "../b.csv": b""}, "outside the archive"),
        ({"a.csv": b"", "x/../../b.csv": b""}, "outside the archive"),
        ({"a.csv": b"", "/etc/passwd": b""}, "outside the archive"),
        ({"a.csv": b"", "..\\b.csv": b""}, "outside the archive"),
        ({"a.csv": b"x" * 11}, "member a.csv: over 10 bytes unpacked"),
    ],
)
def test_zip_member_refuses(tmp_path, members, says):
    with pytest.raises(LayoutChanged, match=says):
        zip_member(packed(tmp_path, members), ["a.csv", "b.csv"], 10)


def test_zip_that_is_damaged(tmp_path):
    whole = packed(tmp_path, {"a.csv": bytes(range(256)) * 4}).content
    for damaged in (
        b"",
        b"PK",
        whole[:100],
        whole[: len(whole) // 2],
        b"PK\x03\x04" + b"\0" * 100,
        whole.replace(bytes(range(16)), b"\0" * 16, 1),
    ):
        document = written(tmp_path, damaged)
        if damaged == whole:
            continue
        with pytest.raises(LayoutChanged, match="not a readable zip"):
            zip_member(document, ["a.csv"], 10_000)


def test_zip_member_with_damaged_content(tmp_path):
    """Bytes changed inside the compressed member: refused by its checksum or by the decompressor."""
    content = packed(tmp_path, {"a.csv": b"".join(b"%d,%d\n" % (n, n * n) for n in range(2000))}).content
    for place in (60, 500, 2000):
        document = written(tmp_path, content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        with pytest.raises(LayoutChanged, match="source document 0"):
            zip_member(document, ["a.csv"], 100_000)
