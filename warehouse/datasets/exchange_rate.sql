-- exchange_rate: price of one unit of a base currency on a day, as a central bank sets it
CREATE TABLE exchange_rate (
    source   VARCHAR,         -- id of the source that states it (see the view source)
    base     VARCHAR,         -- ISO 4217 code of the currency that is priced
    currency VARCHAR,         -- ISO 4217 code of the currency it is priced in
    day      DATE,            -- day of the rate
    rate     DOUBLE NOT NULL, -- units of the currency for one unit of the base currency
    PRIMARY KEY (source, base, currency, day)
);
