CREATE TABLE affiliation_count (
    source      VARCHAR,
    conference  VARCHAR,
    edition     DATE,
    affiliation VARCHAR,
    papers      INTEGER NOT NULL,
    unit        VARCHAR NOT NULL,
    PRIMARY KEY (source, conference, edition, affiliation)
);
COMMENT ON TABLE affiliation_count IS
    'accepted papers of a conference by affiliation; a paper counts once for each of its affiliations, so '
    'never join with author_slot';
COMMENT ON COLUMN affiliation_count.source IS 'id of the source that states it (see the view source)';
COMMENT ON COLUMN affiliation_count.conference IS '''NeurIPS''';
COMMENT ON COLUMN affiliation_count.edition IS '1 January of the year of the conference';
COMMENT ON COLUMN affiliation_count.affiliation IS 'affiliation as printed, blanks folded';
COMMENT ON COLUMN affiliation_count.papers IS 'papers with that affiliation';
COMMENT ON COLUMN affiliation_count.unit IS 'what is counted: ''paper and affiliation''';
