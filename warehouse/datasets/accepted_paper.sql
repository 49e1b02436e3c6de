-- accepted_paper: papers in the proceedings of a conference, one line per paper
CREATE TABLE accepted_paper (
    source      VARCHAR,          -- id of the source that states it (see the view source)
    conference  VARCHAR,          -- 'NeurIPS'
    edition     DATE,             -- 1 January of the year of the conference
    paper       VARCHAR,          -- key of the paper by its title, as in author_slot
    title       VARCHAR NOT NULL, -- title, blanks folded
    track       VARCHAR,          -- 'main', 'datasets and benchmarks', 'position' …; null: the source does not say
    hash        VARCHAR NOT NULL, -- id of the paper in the proceedings
    PRIMARY KEY (source, conference, edition, paper)
);
