"""The resolver: each trap of affiliation strings, the order of the tiers, and input that is no
affiliation."""

from __future__ import annotations

import json

import pytest
from registries import record, records, schema_2, small

from warehouse.institutions import domains, places, registry, text
from warehouse.institutions.resolver import Resolver
from warehouse.reference import institutions

REVIEWED = institutions.load()


@pytest.fixture(scope="module")
def resolver():
    """On the shipped tables and a registry of some thirty institutions."""
    return Resolver(REVIEWED, small())


@pytest.fixture(scope="module")
def bare():
    """On that registry alone: what the rules do without a person's help."""
    return Resolver({}, small())


@pytest.mark.parametrize(
    ("affiliation", "location", "headquarters"),
    [
        # bare multinationals, and their laboratories elsewhere
        ("Google", "US", "US"),
        ("Google Research, Brain Team", "US", "US"),
        ("Microsoft Research", "US", "US"),
        ("Microsoft Research Asia", "CN", "US"),
        ("DeepMind", "GB", "US"),
        ("Facebook AI Research", "US", "US"),
        ("IBM Research", "US", "US"),
        ("NAVER LABS Europe", "FR", "KR"),
        ("Huawei Noah's Ark Lab", "CN", "CN"),
        # Hong Kong, and its campuses on the mainland
        ("The University of Hong Kong, Hong Kong, China", "HK", "HK"),
        ("HKUST", "HK", "HK"),
        ("The Chinese University of Hong Kong, Shenzhen", "CN", "HK"),
        ("The Hong Kong University of Science and Technology (Guangzhou)", "CN", "HK"),
        # names that are nearly others
        ("MIT", "US", "US"),
        ("MIT, Cambridge, MA", "US", "US"),
        ("University of Cambridge", "GB", "GB"),
        ("Newcastle University", "GB", "GB"),
        ("University of Newcastle", "AU", "AU"),
        ("Northwestern Polytechnical University", "CN", "CN"),
        ("Northwestern University", "US", "US"),
        ("University of New Mexico", "US", "US"),
        ("University of New South Wales", "AU", "AU"),
        ("Georgia Institute of Technology", "US", "US"),
        ("École Normale Supérieure", "FR", "FR"),
        # several institutions: the first-listed
        ("University of Warwick & The Alan Turing Institute", "GB", "GB"),
        ("Google Brain & University of Oxford", "US", "US"),
        ("Stanford University / Tsinghua University", "US", "US"),
        ("Tsinghua University; MIT", "CN", "CN"),
        # other scripts and accents
        ("清华大学", "CN", "CN"),
        ("東京大学", "JP", "JP"),
        ("Universite de Montreal", "CA", "CA"),
        ("Ecole Polytechnique Federale de Lausanne", "CH", "CH"),
    ],
)
def test_traps(resolver, affiliation, location, headquarters):
    found = resolver.resolve(affiliation)
    assert (found.country_location, found.country_hq) == (location, headquarters), found


@pytest.mark.parametrize(
    ("affiliation", "tier", "location"),
    [
        ("Tsinghua University", "exact", "CN"),
        ("tsinghua  UNIVERSITY.", "exact", "CN"),
        ("Department of Automation, Tsinghua University", "part", "CN"),
        ("Beijing University of Technology", "exact", "CN"),
        ("Carnegie Mellon University, Qatar", "place", "QA"),
        ("Newcastle University, Australia", "place", "AU"),
        ("Acme, Berlin, Germany", "place", "DE"),
        ("Springfield Clinic, Cambridge, MA", "place", "US"),
        ("Springfield Clinic, Cambridge, UK", "place", "GB"),
        ("Some Lab, Hong Kong, China", "place", "HK"),
        ("New Institute, Taiwan, China", "place", "TW"),
        ("Unheard Of Lab (lab@cs.stanford.edu)", "domain", "US"),
        ("somebody.ac.jp", "domain", "JP"),
        ("Massachussetts Institute of Technolgy", "fuzzy", "US"),
        ("Tsinghau University", "fuzzy", "CN"),
    ],
)
def test_tiers_without_reviewed_names(bare, affiliation, tier, location):
    found = bare.resolve(affiliation)
    assert (found.tier, found.country_location) == (tier, location), found


@pytest.mark.parametrize(
    "affiliation",
    [
        *("", "-", "None", "Independent Researcher", "Student", "PhD student, first year"),
        *(
            "Department of Mathematics",
            "Electrical Engineering & Computer Science Department",
            "Institute of Neuroscience",
            "ai",
            "AI",
        ),
        *("NTU", "NRC", "Acme", "Acme Inc. and Sons"),
        *("agent.ai", "someone@startup.io", "thing.co", "hello@gmail.com"),
        *(
            "Tbilisi Group, Georgia",
            "Jordan",
            "Two Country Institute of Oceanography",
            "Nowhere Institute of Oceanography",
        ),
        *("Zhang Wei", "Xxxxx University", "University", "<script>alert(1)</script>x", "\x00\x07\x1b[31m"),
        "Lorem ipsum dolor sit amet " * 400,
    ],
)
def test_what_says_no_country_stays_unresolved(resolver, affiliation):
    found = resolver.resolve(affiliation)
    assert (found.tier, found.country_location, found.country_hq) == ("unresolved", None, None), found
    assert found.affiliation == affiliation


def test_long_strings_and_control_characters_are_looked_at_so_far_as_they_are_affiliations(bare):
    assert bare.resolve("Stanford\x00 University\x1b").country_location == "US"
    assert bare.resolve("Stanford&amp;nbsp;University").country_location == "US"
    assert bare.resolve("Stanford University, " + "x" * 10_000).country_location == "US"
    assert bare.resolve("x" * 10_000).tier == "unresolved"


def test_every_institution_of_a_string_is_answered(resolver):
    found = resolver.institutions("Google Brain & University of Oxford")
    assert [(one.country_location, one.country_hq) for one in found] == [("US", "US"), ("GB", "GB")]
    found = resolver.institutions("Department of Statistics / Stanford University / Tsinghua University")
    assert [one.country_location for one in found] == ["US", "CN"]
    # a first-listed one that nobody knows is answered by the next, less surely, and stays open in the
    # fractional count
    found = resolver.institutions("Arena Gadgets / Stanford University")
    assert [(one.tier, one.country_location) for one in found] == [("part", "US"), ("unresolved", None)]
    assert found[0].score < 90


def test_a_domain_beside_the_string_helps_where_the_string_does_not(bare):
    assert bare.resolve("Unheard Of Lab", "lamda.nwpu.edu.cn").tier == "domain"
    assert bare.resolve("", "cs.ox.ac.uk").country_location == "GB"
    # a later tier never overrides
    assert bare.resolve("Tsinghua University", "mit.edu").country_location == "CN"
    assert bare.resolve("Unheard Of Lab", "lab.ai").tier == "unresolved"


def test_fuzzy_never_takes_another_name_for_a_misspelt_one():
    near = [record(900, "Indiana Institute of Technology", "US", "", "Fort Wayne", "", "education")]
    near += [
        record(901 + n, f"Indian College {chr(65 + n)}xyz", "IN", "", "Delhi", "", "education")
        for n in range(6)
    ]
    near += [
        record(
            910,
            "Universidad Central del Este",
            "DO",
            "Eastern Central University",
            "San Pedro",
            "",
            "education",
        )
    ]
    near += [
        record(911, "Westmore University", "GB", "", "Leeds", "", "education"),
        record(912, "Westmora University", "PT", "", "Evora", "", "education"),
    ]
    bare = Resolver({}, small(*near))
    assert bare.resolve("Indian Institute of Technology").country_location != "US"
    assert bare.resolve("East Central University").tier == "unresolved"
    assert bare.resolve("Westmorr University").tier == "unresolved"  # two countries are as near


def test_withdrawn_records_are_left_out_and_inactive_ones_give_way():
    old = record(920, "Vanished University", "FR", "", "Paris", "", "education", status="withdrawn")
    inactive = record(921, "Merged University", "FR", "", "Paris", "", "education", status="inactive")
    active = record(922, "Merged University", "BE", "", "Liege", "", "education")
    alone = record(923, "Closed University", "FR", "", "Paris", "", "education", status="inactive")
    bare = Resolver({}, registry.build([*records(), old, inactive, active, alone]))
    assert bare.resolve("Vanished University").tier == "unresolved"
    assert bare.resolve("Merged University").country_location == "BE"
    assert bare.resolve("Closed University").country_location == "FR"


def test_headquarters_follow_the_topmost_parent():
    parent = record(930, "Umbrella (United States)", "US", "", "Boston", "", "company")
    middle = record(931, "Umbrella Europe (Ireland)", "IE", "", "Dublin", "", "company") | {
        "relations": [{"type": "parent", "ror": parent["ror"]}]
    }
    branch = record(932, "Umbrella Labs (China)", "CN", "", "Beijing", "", "company") | {
        "relations": [{"type": "parent", "ror": middle["ror"]}]
    }
    loop = record(933, "Ouroboros Institute", "FR", "", "Paris", "", "facility")
    loop |= {"relations": [{"type": "parent", "ror": loop["ror"]}]}
    bare = Resolver({}, small(parent, middle, branch, loop))
    found = bare.resolve("Umbrella Labs (China)")
    assert (found.country_location, found.country_hq) == ("CN", "US")
    # a branch's bare name is not its branch's country
    assert bare.resolve("Umbrella Labs").tier == "unresolved"
    assert bare.resolve("Ouroboros Institute").country_hq == "FR"


def test_the_index_is_the_same_when_it_is_read_again(tmp_path):
    lines = tmp_path / "ror.jsonl"
    lines.write_text("".join(json.dumps(schema_2(one)) + "\n" for one in records()), "utf-8")
    first = registry.read([lines])
    again = registry.unpack(json.loads(json.dumps(registry.pack(first))))
    assert first == again
    assert first.called("tsinghua university")[0].country == "CN"


def test_places():
    assert places.of_component("P.R. China") == "CN"
    assert places.of_component("MA 02139") == "US"
    assert places.of_component("CA") is None  # California or Canada
    assert places.in_words(text.key("University of New Mexico").split()) == ["US"]
    assert places.agreed(["CN", "HK"]) == "HK"
    assert places.agreed(["US", "GB"]) is None
    assert domains.country("x.uk") == "GB"
    assert domains.country("x.ai") is domains.country("x.eu") is domains.country("x.com") is None
