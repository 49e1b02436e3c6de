-- electricity_generation: electricity made in a country over a period, as a source states it
CREATE TABLE electricity_generation (
    source    VARCHAR,          -- id of the source that states it (see the view source)
    country   VARCHAR,          -- ISO 3166-1 alpha-3
    period    DATE,             -- first day of the period
    frequency VARCHAR,          -- length of the period: 'year' or 'month'
    series    VARCHAR,          -- 'total', a fuel, a group of fuels, 'demand' or 'net imports', in the publisher's words, lower case
    twh       DOUBLE NOT NULL,  -- terawatt hours, gross or net as the publisher counts
    PRIMARY KEY (source, country, period, frequency, series)
);
