CREATE TABLE filing_document (
    source      VARCHAR,
    filing      VARCHAR,
    file        VARCHAR,
    form        VARCHAR NOT NULL,
    filed_on    DATE NOT NULL,
    type        VARCHAR NOT NULL,
    description VARCHAR,
    url         VARCHAR NOT NULL,
    size_bytes  BIGINT,
    PRIMARY KEY (source, filing, file)
);
COMMENT ON TABLE filing_document IS
    'document that belongs to a filing at the SEC, as the filing''s index page lists it';
COMMENT ON COLUMN filing_document.source IS 'id of the source that states it (see the view source)';
COMMENT ON COLUMN filing_document.filing IS 'accession number of the filing';
COMMENT ON COLUMN filing_document.file IS 'file name';
COMMENT ON COLUMN filing_document.form IS 'form of the filing, such as ''6-K''';
COMMENT ON COLUMN filing_document.filed_on IS 'day the filing was filed';
COMMENT ON COLUMN filing_document.type IS 'type of the document, such as ''EX-99.1'', as printed';
COMMENT ON COLUMN filing_document.description IS 'description, as printed; null: none';
COMMENT ON COLUMN filing_document.url IS 'address of the document';
COMMENT ON COLUMN filing_document.size_bytes IS 'size in bytes; null: none printed';
