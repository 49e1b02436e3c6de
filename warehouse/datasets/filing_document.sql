-- filing_document: document that belongs to a filing at the SEC, as the filing's index page lists it
CREATE TABLE filing_document (
    source      VARCHAR,          -- id of the source that states it (see the view source)
    filing      VARCHAR,          -- accession number of the filing
    file        VARCHAR,          -- file name
    form        VARCHAR NOT NULL, -- form of the filing, such as '6-K'
    filed_on    DATE NOT NULL,    -- day the filing was filed
    type        VARCHAR NOT NULL, -- type of the document, such as 'EX-99.1', as printed
    description VARCHAR,          -- description, as printed; null: none
    url         VARCHAR NOT NULL, -- address of the document
    size_bytes  BIGINT,           -- size in bytes; null: none printed
    PRIMARY KEY (source, filing, file)
);
