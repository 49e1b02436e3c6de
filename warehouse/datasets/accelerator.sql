-- accelerator: an AI chip or board and what its maker specifies
CREATE TABLE accelerator (
    source                 VARCHAR,  -- id of the source that states it (see the view source)
    name                   VARCHAR,  -- hardware, as printed
    manufacturer           VARCHAR,  -- maker, as printed
    type                   VARCHAR,  -- kind of chip, as printed, such as 'GPU' or 'TPU'
    released_on            DATE,     -- release date; null: none stated
    price_usd              DOUBLE,   -- price at release, US dollars
    fp32                   DOUBLE,   -- single precision, operations a second
    fp16                   DOUBLE,   -- half precision, operations a second
    tensor_fp16            DOUBLE,   -- half precision on matrix units (FP16 or BF16), operations a second
    fp8                    DOUBLE,   -- 8-bit floating point, operations a second
    fp4                    DOUBLE,   -- 4-bit floating point, operations a second
    int8                   DOUBLE,   -- 8-bit integers, operations a second
    memory_bytes           DOUBLE,   -- memory of a board, bytes
    memory_bandwidth       DOUBLE,   -- memory bandwidth, bytes a second
    tdp_w                  DOUBLE,   -- thermal design power, watts
    process_nm             DOUBLE,   -- process size, nanometres
    foundry                VARCHAR,  -- who makes the silicon, as printed
    processing_performance DOUBLE,   -- operations a second times their bit length, the most over all precisions; export rules count it in 10^12
    PRIMARY KEY (source, name)
);
