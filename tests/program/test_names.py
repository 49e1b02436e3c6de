"""Of the people that documents name, a trace of the sample shows affiliations and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace

from flows.commands import trace, trace_output
from warehouse.store.paths import Layout


def test_no_name_in_any_trace(sample_nights, capsys):
    """As text and as JSON, with few inputs and with all. The samples' authors are called A. Author, B. Writer
    and so on."""
    layout = Layout(sample_nights.data)
    asked = sample_nights.query(
        "SELECT DISTINCT period, series FROM indicator_value WHERE indicator = 'talent_work'"
        " AND series IN ('', 'fractional')"
    )
    assert len(asked) > 5
    for period, series in asked:
        for limit in (3, None):
            found = trace.trace(layout, "talent_work", str(period), series, None, limit)
            # of some editions the sample has authors of other countries only
            assert {given.verdict for given in found.inputs} <= {"counted"}
            trace_output.show(found)
            trace_output.as_json(found)
    done = sample_nights("trace", "talent_work", "--all", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = capsys.readouterr().out + done.stdout
    assert "Tsinghua University" in told
    assert not re.search(r"[A-Z]\. (?:Author|Writer|Example|Nobody)|Author|Writer", told)


def test_another_affiliation_is_wrong(sample_nights):
    found = trace.trace(Layout(sample_nights.data), "talent_work", None, None, None, 1)
    [given] = found.inputs
    assert given.reading == "as printed; no number of the document: the row counts as 1"
    other = replace(given, found=replace(given.found, text="MIT", states={"affiliation": "MIT"}))
    assert (other.verdict, other.fine) == ("wrong", False)
    assert "the text gives affiliation 'MIT', the row has" in other.reading
