CREATE TABLE published_figure (
    source       VARCHAR,
    figure       VARCHAR,
    subject      VARCHAR,
    measure      VARCHAR,
    period_end   DATE,
    period_start DATE,
    value        DOUBLE NOT NULL,
    unit         VARCHAR NOT NULL,
    quality      VARCHAR,
    publisher    VARCHAR NOT NULL,
    url          VARCHAR NOT NULL,
    said_on      DATE NOT NULL,
    quote        VARCHAR,
    watched      BOOLEAN,
    redistribute VARCHAR,
    note         VARCHAR,
    PRIMARY KEY (source, figure)
);
COMMENT ON TABLE published_figure IS
    'a number that exists only in a text, as its publisher said it, entered and reviewed by hand';
COMMENT ON COLUMN published_figure.source IS 'id of the source that states it (see the view source)';
COMMENT ON COLUMN published_figure.figure IS 'id of the figure';
COMMENT ON COLUMN published_figure.subject IS
    'whom or what it is about: an organisation, an ISO 3166-1 alpha-3 country, ''Europe'' or ''world''';
COMMENT ON COLUMN published_figure.measure IS
    'what it measures, in the words of the list in source.yml''s note';
COMMENT ON COLUMN published_figure.period_end IS 'last day of the period it is about, or the day itself';
COMMENT ON COLUMN published_figure.period_start IS
    'first day of the period; the same day for a figure of one day';
COMMENT ON COLUMN published_figure.value IS 'the number, in its unit';
COMMENT ON COLUMN published_figure.unit IS 'unit of the value';
COMMENT ON COLUMN published_figure.quality IS
    '''exact'', ''about'', ''at least'', ''at most'' or ''ceiling'' (what a rule would allow)';
COMMENT ON COLUMN published_figure.publisher IS 'who said it';
COMMENT ON COLUMN published_figure.url IS 'page or document that says it';
COMMENT ON COLUMN published_figure.said_on IS
    'when it was said; where only the month is known its last day, see note';
COMMENT ON COLUMN published_figure.quote IS 'the exact words; null: none seen by us, see note';
COMMENT ON COLUMN published_figure.watched IS 'whether the page is fetched and searched for the words';
COMMENT ON COLUMN published_figure.redistribute IS 'who may pass it on';
COMMENT ON COLUMN published_figure.note IS 'what to know about it';
