CREATE TABLE quote_check (
    source     VARCHAR,
    figure     VARCHAR,
    url        VARCHAR NOT NULL,
    quote      VARCHAR NOT NULL,
    found      BOOLEAN NOT NULL,
    page_title VARCHAR,
    characters BIGINT NOT NULL,
    PRIMARY KEY (source, figure)
);
COMMENT ON TABLE quote_check IS 'whether a page still says the words that a published figure was taken from';
COMMENT ON COLUMN quote_check.source IS 'id of the source that states it (see the view source)';
COMMENT ON COLUMN quote_check.figure IS 'id of the figure, as in published_figure';
COMMENT ON COLUMN quote_check.url IS 'the page that was asked for';
COMMENT ON COLUMN quote_check.quote IS 'the words searched for';
COMMENT ON COLUMN quote_check.found IS
    'whether the visible text of the page holds them; blanks and the form of quotation marks and dashes do '
    'not count';
COMMENT ON COLUMN quote_check.page_title IS 'title of the page; null: it has none';
COMMENT ON COLUMN quote_check.characters IS 'length of the visible text, without blanks';
