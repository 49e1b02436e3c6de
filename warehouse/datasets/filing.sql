-- filing: a document that a company filed with a supervisor of markets, as the supervisor lists it
CREATE TABLE filing (
    source      VARCHAR,            -- id of the source that states it (see the view source)
    cik         VARCHAR,            -- number of the company at the supervisor, ten digits
    filing      VARCHAR,            -- accession number
    company     VARCHAR,            -- name of the company, as printed
    form        VARCHAR NOT NULL,   -- form, such as '10-K' or '6-K'
    filed_on    DATE NOT NULL,      -- day it counts as filed
    report_date DATE,               -- last day of the period it is about, or day of the event; null: none stated
    accepted_at TIMESTAMP NOT NULL, -- when it was accepted and so became public, UTC
    main        VARCHAR,            -- file name of its main document; null: none, as for a paper filing
    description VARCHAR,            -- what the main document is, as printed
    items       VARCHAR,            -- comma list of the items of a form 8-K ('2.02' is results of operations); null for other forms
    xbrl        BOOLEAN,            -- whether it has figures as XBRL
    inline_xbrl BOOLEAN,            -- whether they are in the main document itself
    bytes       BIGINT,             -- size of the whole filing
    PRIMARY KEY (source, cik, filing)
);
