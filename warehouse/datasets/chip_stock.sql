-- chip_stock: AI chips that an owner has or has got, as Epoch AI estimates them
CREATE TABLE chip_stock (
    source       VARCHAR,           -- id of the source that states it (see the view source)
    organisation VARCHAR,           -- owner, as printed: a company, 'China', 'China (smuggled)' (an estimate of its own) or 'Other'
    designer     VARCHAR,           -- who designed the chips, as printed
    chip_type    VARCHAR,           -- chip, as printed; an empty text is all chips of the designer
    measure      VARCHAR,           -- 'cumulative': all since period_start; 'quarter': those added in the quarter
    period_end   DATE,              -- last day of the calendar quarter
    period_start DATE NOT NULL,     -- first day counted: of the quarter, or of the cumulative count
    h100e        DOUBLE NOT NULL,   -- computing power in H100 equivalents, median estimate
    h100e_p5     DOUBLE,            -- 5th percentile; null: none published
    h100e_p95    DOUBLE,            -- 95th percentile; null: none published
    units        DOUBLE,            -- chips, median estimate
    units_p5     DOUBLE,            -- 5th percentile; null: none published
    units_p95    DOUBLE,            -- 95th percentile; null: none published
    power_mw     DOUBLE,            -- thermal design power of the chips, megawatts, median estimate
    power_mw_p5  DOUBLE,            -- 5th percentile; null: none published
    power_mw_p95 DOUBLE,            -- 95th percentile; null: none published
    incomplete   BOOLEAN NOT NULL,  -- whether the publisher marks the quarter as not fully covered yet, by flag or in its note
    notes        VARCHAR,           -- publisher's note, as printed
    PRIMARY KEY (source, organisation, designer, chip_type, measure, period_end)
);
