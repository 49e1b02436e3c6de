-- published_figure: a number that exists only in a text, as its publisher said it, entered and reviewed by hand
CREATE TABLE published_figure (
    source       VARCHAR,          -- id of the source that states it (see the view source)
    figure       VARCHAR,          -- id of the figure
    subject      VARCHAR,          -- whom or what it is about: an organisation, an ISO 3166-1 alpha-3 country, 'Europe' or 'world'
    measure      VARCHAR,          -- what it measures, in the words of the list in source.yml's note
    period_end   DATE,             -- last day of the period it is about, or the day itself
    period_start DATE,             -- first day of the period; the same day for a figure of one day
    value        DOUBLE NOT NULL,  -- the number, in its unit
    unit         VARCHAR NOT NULL, -- unit of the value
    quality      VARCHAR,          -- 'exact', 'about', 'at least', 'at most' or 'ceiling' (what a rule would allow)
    publisher    VARCHAR NOT NULL, -- who said it
    url          VARCHAR NOT NULL, -- page or document that says it
    said_on      DATE NOT NULL,    -- when it was said; where only the month is known its last day, see note
    quote        VARCHAR,          -- the exact words; null: none seen by us, see note
    watched      BOOLEAN,          -- whether the page is fetched and searched for the words
    redistribute VARCHAR,          -- who may pass it on
    note         VARCHAR,          -- what to know about it
    PRIMARY KEY (source, figure)
);
