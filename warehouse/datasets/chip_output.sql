-- chip_output: AI chips of a designer sold, whoever bought them, as Epoch AI estimates them
CREATE TABLE chip_output (
    source       VARCHAR,           -- id of the source that states it (see the view source)
    organisation VARCHAR,           -- designer of the chips, as printed
    chip_type    VARCHAR,           -- chip, as printed; an empty text is all chips of the designer
    measure      VARCHAR,           -- 'cumulative': all since period_start; 'quarter': those of the quarter
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
    PRIMARY KEY (source, organisation, chip_type, measure, period_end)
);
