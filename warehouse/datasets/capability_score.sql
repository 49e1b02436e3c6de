CREATE TABLE capability_score (
    source        VARCHAR,
    model         VARCHAR,
    variant       VARCHAR,
    display_name  VARCHAR,
    eci           DOUBLE,
    eci_low       DOUBLE,
    eci_high      DOUBLE,
    released_on   DATE,
    organization  VARCHAR,
    country       VARCHAR,
    accessibility VARCHAR,
    PRIMARY KEY (source, model, variant)
);
COMMENT ON TABLE capability_score IS 'Epoch Capabilities Index (ECI) of a model, as one vintage states it';
COMMENT ON COLUMN capability_score.source IS 'id of the source that states it (see the view source)';
COMMENT ON COLUMN capability_score.model IS
    'model (group of versions), as printed, without surrounding blanks';
COMMENT ON COLUMN capability_score.variant IS
    'model version where the document prints versions, else an empty text';
COMMENT ON COLUMN capability_score.display_name IS 'name as shown by the publisher';
COMMENT ON COLUMN capability_score.eci IS
    'capability, ECI points (Claude 3.5 Sonnet = 130, GPT-5 = 150); null: not scored';
COMMENT ON COLUMN capability_score.eci_low IS '5th percentile, ECI points; null: none published';
COMMENT ON COLUMN capability_score.eci_high IS '95th percentile, ECI points; null: none published';
COMMENT ON COLUMN capability_score.released_on IS 'release date of the model as this vintage dates it';
COMMENT ON COLUMN capability_score.organization IS 'organisations, comma list as printed';
COMMENT ON COLUMN capability_score.country IS
    'countries of the organisations, comma list as printed (repeats occur)';
COMMENT ON COLUMN capability_score.accessibility IS 'how the model can be used, as printed';
