CREATE TABLE country_count (
    source     VARCHAR,
    conference VARCHAR,
    edition    DATE,
    china      VARCHAR,
    unit       VARCHAR,
    country    VARCHAR,
    counted    INTEGER NOT NULL,
    PRIMARY KEY (source, conference, edition, china, unit, country)
);
COMMENT ON TABLE country_count IS
    'authors and papers of a conference by country, as a third party resolved and counted them; never join '
    'with author_slot';
COMMENT ON COLUMN country_count.source IS 'id of the source that states it (see the view source)';
COMMENT ON COLUMN country_count.conference IS '''NeurIPS''';
COMMENT ON COLUMN country_count.edition IS '1 January of the year of the conference';
COMMENT ON COLUMN country_count.china IS
    'what the row of China (CN) takes in: ''with Hong Kong'' (and with Macao and Taiwan, which have no row of '
    'their own there), or ''mainland'' (the others are rows apart)';
COMMENT ON COLUMN country_count.unit IS
    'what is counted: ''authors'' and ''papers'' once for each country that they have, as the publisher counts '
    'them, or ''places'', each author of each paper once';
COMMENT ON COLUMN country_count.country IS
    'country as printed, nearly always ISO 3166-1 alpha-2 (''UK'' stands beside ''GB''); ''UNK'': the publisher '
    'does not know; ''all'': the publisher''s total, which also holds those without any country';
COMMENT ON COLUMN country_count.counted IS 'how many; a code that is printed twice is added up';
