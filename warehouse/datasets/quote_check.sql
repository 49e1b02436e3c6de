-- quote_check: whether a page still says the words that a published figure was taken from
CREATE TABLE quote_check (
    source     VARCHAR,           -- id of the source that states it (see the view source)
    figure     VARCHAR,           -- id of the figure, as in published_figure
    url        VARCHAR NOT NULL,  -- the page that was asked for
    quote      VARCHAR NOT NULL,  -- the words searched for
    found      BOOLEAN NOT NULL,  -- whether the visible text of the page holds them; blanks and the form of quotation marks and dashes do not count
    page_title VARCHAR,           -- title of the page; null: it has none
    characters BIGINT NOT NULL,   -- length of the visible text, without blanks
    PRIMARY KEY (source, figure)
);
