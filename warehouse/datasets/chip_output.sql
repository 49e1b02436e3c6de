CREATE TABLE chip_output (
    source       VARCHAR,
    organisation VARCHAR,
    chip_type    VARCHAR,
    measure      VARCHAR,
    period_end   DATE,
    period_start DATE NOT NULL,
    h100e        DOUBLE NOT NULL,
    h100e_p5     DOUBLE,
    h100e_p95    DOUBLE,
    units        DOUBLE,
    units_p5     DOUBLE,
    units_p95    DOUBLE,
    power_mw     DOUBLE,
    power_mw_p5  DOUBLE,
    power_mw_p95 DOUBLE,
    incomplete   BOOLEAN NOT NULL,
    notes        VARCHAR,
    PRIMARY KEY (source, organisation, chip_type, measure, period_end)
);
COMMENT ON TABLE chip_output IS
    'AI chips of a designer sold, whoever bought them, as Epoch AI estimates them';
COMMENT ON COLUMN chip_output.source IS 'id of the source that states it (see the view source)';
COMMENT ON COLUMN chip_output.organisation IS 'designer of the chips, as printed';
COMMENT ON COLUMN chip_output.chip_type IS 'chip, as printed; an empty text is all chips of the designer';
COMMENT ON COLUMN chip_output.measure IS
    '''cumulative'': all since period_start; ''quarter'': those of the quarter';
COMMENT ON COLUMN chip_output.period_end IS 'last day of the calendar quarter';
COMMENT ON COLUMN chip_output.period_start IS 'first day counted: of the quarter, or of the cumulative count';
COMMENT ON COLUMN chip_output.h100e IS 'computing power in H100 equivalents, median estimate';
COMMENT ON COLUMN chip_output.h100e_p5 IS '5th percentile; null: none published';
COMMENT ON COLUMN chip_output.h100e_p95 IS '95th percentile; null: none published';
COMMENT ON COLUMN chip_output.units IS 'chips, median estimate';
COMMENT ON COLUMN chip_output.units_p5 IS '5th percentile; null: none published';
COMMENT ON COLUMN chip_output.units_p95 IS '95th percentile; null: none published';
COMMENT ON COLUMN chip_output.power_mw IS 'thermal design power of the chips, megawatts, median estimate';
COMMENT ON COLUMN chip_output.power_mw_p5 IS '5th percentile; null: none published';
COMMENT ON COLUMN chip_output.power_mw_p95 IS '95th percentile; null: none published';
COMMENT ON COLUMN chip_output.incomplete IS
    'whether the publisher marks the quarter as not fully covered yet, by flag or in its note';
COMMENT ON COLUMN chip_output.notes IS 'publisher''s note, as printed';
