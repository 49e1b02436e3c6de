"""Words of the published file: they come from the SQL that defines it, and nothing is without them."""

import duckdb
import pytest

from warehouse.build import comments
from warehouse.datasets import schema

pytestmark = pytest.mark.duckdb2
MODELS = """CREATE TABLE models (source VARCHAR, model VARCHAR,
score DOUBLE NOT NULL, PRIMARY KEY (source, model));
COMMENT ON TABLE models IS 'scores of models';
COMMENT ON COLUMN models.source IS 'who says so';
COMMENT ON COLUMN models.model IS 'the model''s name; as printed';
COMMENT ON COLUMN models.score IS 'points'
"""
TABLES = """CREATE SCHEMA derived;
CREATE TABLE derived.one (a INTEGER, "rows" BIGINT, known_from TIMESTAMP);
COMMENT ON TABLE derived.one IS 'the first';
COMMENT ON COLUMN derived.one.a IS 'a number';
COMMENT ON COLUMN derived.one."rows" IS 'how many';
CREATE TABLE derived.other (a INTEGER);
COMMENT ON TABLE derived.other IS 'the second';
COMMENT ON COLUMN derived.other.a IS 'another number';
CREATE VIEW main.plain AS FROM derived.one;
"""


def read(tmp_path, text):
    path = tmp_path / "models.sql"
    path.write_text(text, "utf-8")
    return schema.read(duckdb.connect(), path)


def test_a_dataset_is_read_from_its_definition(tmp_path):
    found = read(tmp_path, MODELS)
    assert (found.name, found.comment, found.key, found.values) == (
        "models",
        "scores of models",
        ("source", "model"),
        ("score",),
    )
    assert found.columns[1] == schema.Column(
        "model", "VARCHAR", required=True, comment="the model's name; as printed"
    )


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("COMMENT ON TABLE models IS 'scores of models';", "", "lacks COMMENT ON TABLE models"),
        ("'points'", "''", "lacks COMMENT ON COLUMN models.score"),
        ("'who says so'", "NULL", "lacks COMMENT ON COLUMN models.source"),
        ("models.score", "models.scores", "scores"),
        (", PRIMARY KEY (source, model)", "", "must create the table models with a PRIMARY KEY"),
        ("models", "model_list", "must create the table models with a PRIMARY KEY"),
    ],
)
def test_a_definition_that_lacks_something_is_named(tmp_path, before, after, message):
    assert before in MODELS
    with pytest.raises(ValueError, match=f"^models.sql: .*{message}"):
        read(tmp_path, MODELS.replace(before, after))


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("'points'", "'points of a hundred'", True),
        ("(source VARCHAR, ", "(\n    source VARCHAR,\n    ", True),
        ("score DOUBLE NOT NULL", "score DOUBLE", False),
        ("score DOUBLE", "score BIGINT", False),
        ("KEY (source, model)", "KEY (source)", False),
        ("source VARCHAR, model VARCHAR", "model VARCHAR, source VARCHAR", False),
    ],
)
def test_only_what_decides_staging_is_in_the_hash(tmp_path, before, after, same):
    assert before in MODELS
    assert (read(tmp_path, MODELS).hash == read(tmp_path, MODELS.replace(before, after)).hash) is same


def words(views):
    with duckdb.connect() as con:
        con.execute(TABLES + views)
        comments.write(con)
        named = con.execute(
            """SELECT view_name, comment FROM duckdb_views() WHERE NOT internal
            UNION ALL SELECT table_name || '.' || column_name, comment FROM duckdb_columns()
            WHERE NOT internal AND schema_name = 'main'"""
        )
        return dict(named.fetchall())


def test_views_take_the_words_of_what_they_read():
    found = words(
        """CREATE VIEW main.over AS WITH few AS (FROM main.plain) SELECT a, a + 1 AS b FROM few;
        COMMENT ON COLUMN main.over.b IS 'one more';
        CREATE VIEW main.both AS SELECT one.a, "rows" FROM derived.one JOIN derived.other USING (a);
        COMMENT ON VIEW main.both IS 'two tables';
        COMMENT ON COLUMN main.both.a IS 'a number in both'"""
    )
    assert found == {
        "plain": "the first",
        "plain.a": "a number",
        "plain.rows": "how many",
        "plain.known_from": "from when on this was what the sources said, UTC",
        "over": "the first",
        "over.a": "a number",
        "over.b": "one more",
        "both": "two tables",
        "both.a": "a number in both",
        "both.rows": "how many",
    }


def test_nothing_is_left_without_words():
    """Neither what is new in a view nor what the tables that it reads do not agree on."""
    with pytest.raises(ValueError, match=r"^no comment on main\.mixed, main\.mixed\.a, main\.mixed\.c: say"):
        words("CREATE VIEW main.mixed AS SELECT one.a, 1 AS c FROM derived.one JOIN derived.other USING (a)")
