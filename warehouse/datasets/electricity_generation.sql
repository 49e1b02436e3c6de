CREATE TABLE electricity_generation (
    source    VARCHAR,
    country   VARCHAR,
    period    DATE,
    frequency VARCHAR,
    series    VARCHAR,
    twh       DOUBLE NOT NULL,
    PRIMARY KEY (source, country, period, frequency, series)
);
COMMENT ON TABLE electricity_generation IS
    'electricity made in a country over a period, as a source states it';
COMMENT ON COLUMN electricity_generation.source IS 'id of the source that states it (see the view source)';
COMMENT ON COLUMN electricity_generation.country IS 'ISO 3166-1 alpha-3';
COMMENT ON COLUMN electricity_generation.period IS 'first day of the period';
COMMENT ON COLUMN electricity_generation.frequency IS 'length of the period: ''year'' or ''month''';
COMMENT ON COLUMN electricity_generation.series IS
    '''total'', a fuel, a group of fuels, ''demand'' or ''net imports'', in the publisher''s words, lower '
    'case';
COMMENT ON COLUMN electricity_generation.twh IS 'terawatt hours, gross or net as the publisher counts';
