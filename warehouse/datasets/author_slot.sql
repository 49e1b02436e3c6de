CREATE TABLE author_slot (
    source      VARCHAR,
    conference  VARCHAR,
    edition     DATE,
    paper       VARCHAR,
    position    INTEGER,
    title       VARCHAR NOT NULL,
    track       VARCHAR,
    decision    VARCHAR,
    authors     INTEGER NOT NULL,
    author      VARCHAR,
    affiliation VARCHAR,
    domain      VARCHAR,
    PRIMARY KEY (source, conference, edition, paper, position)
);
COMMENT ON TABLE author_slot IS
    'accepted papers of a conference by author position, each with its affiliation as printed, one line per '
    'paper and position';
COMMENT ON COLUMN author_slot.source IS 'id of the source that states it (see the view source)';
COMMENT ON COLUMN author_slot.conference IS '''NeurIPS''';
COMMENT ON COLUMN author_slot.edition IS '1 January of the year of the conference';
COMMENT ON COLUMN author_slot.paper IS
    '16 hexadecimal digits of the SHA-256 of the title in lower case without blanks and signs; a second, '
    'different paper of the same title ends in ''-2''';
COMMENT ON COLUMN author_slot.position IS 'place among the authors, from 1';
COMMENT ON COLUMN author_slot.title IS 'title, blanks folded';
COMMENT ON COLUMN author_slot.track IS
    '''main'', ''datasets and benchmarks'', ''position'', ''journal'' …; null: the source does not say';
COMMENT ON COLUMN author_slot.decision IS
    '''oral'', ''highlighted'', ''spotlight'' or ''poster'', the best where several are printed; null: '
    'accepted, no more is said';
COMMENT ON COLUMN author_slot.authors IS 'number of authors of the paper';
COMMENT ON COLUMN author_slot.author IS
    'key of the author''s name within one edition, made with a secret of this installation; null: no name '
    'printed';
COMMENT ON COLUMN author_slot.affiliation IS
    'affiliation as printed, blanks folded, of e-mail addresses the domain alone; null: none, or one that '
    'cannot be given to this author';
COMMENT ON COLUMN author_slot.domain IS
    'domains of the author''s web or e-mail addresses, joined by '';''; null: none given';
