CREATE TABLE accelerator (
    source                 VARCHAR,
    name                   VARCHAR,
    manufacturer           VARCHAR,
    type                   VARCHAR,
    released_on            DATE,
    price_usd              DOUBLE,
    fp32                   DOUBLE,
    fp16                   DOUBLE,
    tensor_fp16            DOUBLE,
    fp8                    DOUBLE,
    fp4                    DOUBLE,
    int8                   DOUBLE,
    memory_bytes           DOUBLE,
    memory_bandwidth       DOUBLE,
    tdp_w                  DOUBLE,
    process_nm             DOUBLE,
    foundry                VARCHAR,
    processing_performance DOUBLE,
    PRIMARY KEY (source, name)
);
COMMENT ON TABLE accelerator IS 'an AI chip or board and what its maker specifies';
COMMENT ON COLUMN accelerator.source IS 'id of the source that states it (see the view source)';
COMMENT ON COLUMN accelerator.name IS 'hardware, as printed';
COMMENT ON COLUMN accelerator.manufacturer IS 'maker, as printed';
COMMENT ON COLUMN accelerator.type IS 'kind of chip, as printed, such as ''GPU'' or ''TPU''';
COMMENT ON COLUMN accelerator.released_on IS 'release date; null: none stated';
COMMENT ON COLUMN accelerator.price_usd IS 'price at release, US dollars';
COMMENT ON COLUMN accelerator.fp32 IS 'single precision, operations a second';
COMMENT ON COLUMN accelerator.fp16 IS 'half precision, operations a second';
COMMENT ON COLUMN accelerator.tensor_fp16 IS
    'half precision on matrix units (FP16 or BF16), operations a second';
COMMENT ON COLUMN accelerator.fp8 IS '8-bit floating point, operations a second';
COMMENT ON COLUMN accelerator.fp4 IS '4-bit floating point, operations a second';
COMMENT ON COLUMN accelerator.int8 IS '8-bit integers, operations a second';
COMMENT ON COLUMN accelerator.memory_bytes IS 'memory of a board, bytes';
COMMENT ON COLUMN accelerator.memory_bandwidth IS 'memory bandwidth, bytes a second';
COMMENT ON COLUMN accelerator.tdp_w IS 'thermal design power, watts';
COMMENT ON COLUMN accelerator.process_nm IS 'process size, nanometres';
COMMENT ON COLUMN accelerator.foundry IS 'who makes the silicon, as printed';
COMMENT ON COLUMN accelerator.processing_performance IS
    'operations a second times their bit length, the most over all precisions; export rules count it in '
    '10^12';
