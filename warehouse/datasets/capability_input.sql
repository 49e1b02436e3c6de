-- capability_input: performance of a model on a benchmark that the Epoch Capabilities Index (ECI) is fitted to, as one vintage states it
CREATE TABLE capability_input (
    source                VARCHAR,          -- id of the source that states it (see the view source)
    model                 VARCHAR,          -- model (group of versions), as printed, without surrounding blanks; as in capability_score
    benchmark             VARCHAR,          -- benchmark, as printed, without surrounding blanks
    performance           DOUBLE NOT NULL,  -- best result of the model's versions, 0 (random guessing) to 1 (best possible), normalised by the publisher
    version               VARCHAR,          -- a version of the model, as printed; not always the one that reached the result
    released_on           DATE,             -- release date of the model as this vintage dates it
    benchmark_released_on DATE,             -- release date of the benchmark; null: none stated
    reported_by           VARCHAR,          -- who reported the result, as printed; null: not stated
    PRIMARY KEY (source, model, benchmark)
);
