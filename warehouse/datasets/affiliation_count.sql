-- affiliation_count: accepted papers of a conference by affiliation; a paper counts once for each of its affiliations, so never join with author_slot
CREATE TABLE affiliation_count (
    source      VARCHAR,          -- id of the source that states it (see the view source)
    conference  VARCHAR,          -- 'NeurIPS'
    edition     DATE,             -- 1 January of the year of the conference
    affiliation VARCHAR,          -- affiliation as printed, blanks folded
    papers      INTEGER NOT NULL, -- papers with that affiliation
    unit        VARCHAR NOT NULL, -- what is counted: 'paper and affiliation'
    PRIMARY KEY (source, conference, edition, affiliation)
);
