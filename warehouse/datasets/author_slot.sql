-- author_slot: accepted papers of a conference by author position, each with its affiliation as printed, one line per paper and position
CREATE TABLE author_slot (
    source      VARCHAR,          -- id of the source that states it (see the view source)
    conference  VARCHAR,          -- 'NeurIPS'
    edition     DATE,             -- 1 January of the year of the conference
    paper       VARCHAR,          -- 16 hexadecimal digits of the SHA-256 of the title in lower case without blanks and signs; a second, different paper of the same title ends in '-2'
    position    INTEGER,          -- place among the authors, from 1
    title       VARCHAR NOT NULL, -- title, blanks folded
    track       VARCHAR,          -- 'main', 'datasets and benchmarks', 'position', 'journal' …; null: the source does not say
    decision    VARCHAR,          -- 'oral', 'highlighted', 'spotlight' or 'poster', the best where several are printed; null: accepted, no more is said
    authors     INTEGER NOT NULL, -- number of authors of the paper
    author      VARCHAR,          -- key of the author's name within one edition, made with a secret of this installation; null: no name printed
    affiliation VARCHAR,          -- affiliation as printed, blanks folded, of e-mail addresses the domain alone; null: none, or one that cannot be given to this author
    domain      VARCHAR,          -- domains of the author's web or e-mail addresses, joined by ';'; null: none given
    PRIMARY KEY (source, conference, edition, paper, position)
);
