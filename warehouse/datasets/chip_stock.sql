CREATE TABLE chip_stock (
    source       VARCHAR,
    organisation VARCHAR,
    designer     VARCHAR,
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
    PRIMARY KEY (source, organisation, designer, chip_type, measure, period_end)
);
COMMENT ON TABLE chip_stock IS 'AI chips that an owner has or has got, as Epoch AI estimates them';
COMMENT ON COLUMN chip_stock.source IS 'id of the source that states it (see the view source)';
COMMENT ON COLUMN chip_stock.organisation IS
    'owner, as printed: a company, ''China'', ''China (smuggled)'' (an estimate of its own) or ''Other''';
COMMENT ON COLUMN chip_stock.designer IS 'who designed the chips, as printed';
COMMENT ON COLUMN chip_stock.chip_type IS 'chip, as printed; an empty text is all chips of the designer';
COMMENT ON COLUMN chip_stock.measure IS
    '''cumulative'': all since period_start; ''quarter'': those added in the quarter';
COMMENT ON COLUMN chip_stock.period_end IS 'last day of the calendar quarter';
COMMENT ON COLUMN chip_stock.period_start IS 'first day counted: of the quarter, or of the cumulative count';
COMMENT ON COLUMN chip_stock.h100e IS 'computing power in H100 equivalents, median estimate';
COMMENT ON COLUMN chip_stock.h100e_p5 IS '5th percentile; null: none published';
COMMENT ON COLUMN chip_stock.h100e_p95 IS '95th percentile; null: none published';
COMMENT ON COLUMN chip_stock.units IS 'chips, median estimate';
COMMENT ON COLUMN chip_stock.units_p5 IS '5th percentile; null: none published';
COMMENT ON COLUMN chip_stock.units_p95 IS '95th percentile; null: none published';
COMMENT ON COLUMN chip_stock.power_mw IS 'thermal design power of the chips, megawatts, median estimate';
COMMENT ON COLUMN chip_stock.power_mw_p5 IS '5th percentile; null: none published';
COMMENT ON COLUMN chip_stock.power_mw_p95 IS '95th percentile; null: none published';
COMMENT ON COLUMN chip_stock.incomplete IS
    'whether the publisher marks the quarter as not fully covered yet, by flag or in its note';
COMMENT ON COLUMN chip_stock.notes IS 'publisher''s note, as printed';
