CREATE TABLE filing (
    source      VARCHAR,
    cik         VARCHAR,
    filing      VARCHAR,
    company     VARCHAR,
    form        VARCHAR NOT NULL,
    filed_on    DATE NOT NULL,
    report_date DATE,
    accepted_at TIMESTAMP NOT NULL,
    main        VARCHAR,
    description VARCHAR,
    items       VARCHAR,
    xbrl        BOOLEAN,
    inline_xbrl BOOLEAN,
    bytes       BIGINT,
    PRIMARY KEY (source, cik, filing)
);
COMMENT ON TABLE filing IS
    'a document that a company filed with a supervisor of markets, as the supervisor lists it';
COMMENT ON COLUMN filing.source IS 'id of the source that states it (see the view source)';
COMMENT ON COLUMN filing.cik IS 'number of the company at the supervisor, ten digits';
COMMENT ON COLUMN filing.filing IS 'accession number';
COMMENT ON COLUMN filing.company IS 'name of the company, as printed';
COMMENT ON COLUMN filing.form IS 'form, such as ''10-K'' or ''6-K''';
COMMENT ON COLUMN filing.filed_on IS 'day it counts as filed';
COMMENT ON COLUMN filing.report_date IS
    'last day of the period it is about, or day of the event; null: none stated';
COMMENT ON COLUMN filing.accepted_at IS 'when it was accepted and so became public, UTC';
COMMENT ON COLUMN filing.main IS 'file name of its main document; null: none, as for a paper filing';
COMMENT ON COLUMN filing.description IS 'what the main document is, as printed';
COMMENT ON COLUMN filing.items IS
    'comma list of the items of a form 8-K (''2.02'' is results of operations); null for other forms';
COMMENT ON COLUMN filing.xbrl IS 'whether it has figures as XBRL';
COMMENT ON COLUMN filing.inline_xbrl IS 'whether they are in the main document itself';
COMMENT ON COLUMN filing.bytes IS 'size of the whole filing';
