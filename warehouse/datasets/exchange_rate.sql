CREATE TABLE exchange_rate (
    source   VARCHAR,
    base     VARCHAR,
    currency VARCHAR,
    day      DATE,
    rate     DOUBLE NOT NULL,
    PRIMARY KEY (source, base, currency, day)
);
COMMENT ON TABLE exchange_rate IS 'price of one unit of a base currency on a day, as a central bank sets it';
COMMENT ON COLUMN exchange_rate.source IS 'id of the source that states it (see the view source)';
COMMENT ON COLUMN exchange_rate.base IS 'ISO 4217 code of the currency that is priced';
COMMENT ON COLUMN exchange_rate.currency IS 'ISO 4217 code of the currency it is priced in';
COMMENT ON COLUMN exchange_rate.day IS 'day of the rate';
COMMENT ON COLUMN exchange_rate.rate IS 'units of the currency for one unit of the base currency';
