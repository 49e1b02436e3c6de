CREATE TABLE capability_input (
    source                VARCHAR,
    model                 VARCHAR,
    benchmark             VARCHAR,
    performance           DOUBLE NOT NULL,
    version               VARCHAR,
    released_on           DATE,
    benchmark_released_on DATE,
    reported_by           VARCHAR,
    PRIMARY KEY (source, model, benchmark)
);
COMMENT ON TABLE capability_input IS
    'performance of a model on a benchmark that the Epoch Capabilities Index (ECI) is fitted to, as one '
    'vintage states it';
COMMENT ON COLUMN capability_input.source IS 'id of the source that states it (see the view source)';
COMMENT ON COLUMN capability_input.model IS
    'model (group of versions), as printed, without surrounding blanks; as in capability_score';
COMMENT ON COLUMN capability_input.benchmark IS 'benchmark, as printed, without surrounding blanks';
COMMENT ON COLUMN capability_input.performance IS
    'best result of the model''s versions, 0 (random guessing) to 1 (best possible), normalised by the '
    'publisher';
COMMENT ON COLUMN capability_input.version IS
    'a version of the model, as printed; not always the one that reached the result';
COMMENT ON COLUMN capability_input.released_on IS 'release date of the model as this vintage dates it';
COMMENT ON COLUMN capability_input.benchmark_released_on IS
    'release date of the benchmark; null: none stated';
COMMENT ON COLUMN capability_input.reported_by IS 'who reported the result, as printed; null: not stated';
