CREATE TABLE accepted_paper (
    source      VARCHAR,
    conference  VARCHAR,
    edition     DATE,
    paper       VARCHAR,
    title       VARCHAR NOT NULL,
    track       VARCHAR,
    hash        VARCHAR NOT NULL,
    PRIMARY KEY (source, conference, edition, paper)
);
COMMENT ON TABLE accepted_paper IS 'papers in the proceedings of a conference, one line per paper';
COMMENT ON COLUMN accepted_paper.source IS 'id of the source that states it (see the view source)';
COMMENT ON COLUMN accepted_paper.conference IS '''NeurIPS''';
COMMENT ON COLUMN accepted_paper.edition IS '1 January of the year of the conference';
COMMENT ON COLUMN accepted_paper.paper IS 'key of the paper by its title, as in author_slot';
COMMENT ON COLUMN accepted_paper.title IS 'title, blanks folded';
COMMENT ON COLUMN accepted_paper.track IS
    '''main'', ''datasets and benchmarks'', ''position'' …; null: the source does not say';
COMMENT ON COLUMN accepted_paper.hash IS 'id of the paper in the proceedings';
