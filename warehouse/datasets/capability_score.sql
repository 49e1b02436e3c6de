-- capability_score: Epoch Capabilities Index (ECI) of a model, as one vintage states it
CREATE TABLE capability_score (
    source        VARCHAR,  -- id of the source that states it (see the view source)
    model         VARCHAR,  -- model (group of versions), as printed, without surrounding blanks
    variant       VARCHAR,  -- model version where the document prints versions, else an empty text
    display_name  VARCHAR,  -- name as shown by the publisher
    eci           DOUBLE,   -- capability, ECI points (Claude 3.5 Sonnet = 130, GPT-5 = 150); null: not scored
    eci_low       DOUBLE,   -- 5th percentile, ECI points; null: none published
    eci_high      DOUBLE,   -- 95th percentile, ECI points; null: none published
    released_on   DATE,     -- release date of the model as this vintage dates it
    organization  VARCHAR,  -- organisations, comma list as printed
    country       VARCHAR,  -- countries of the organisations, comma list as printed (repeats occur)
    accessibility VARCHAR,  -- how the model can be used, as printed
    PRIMARY KEY (source, model, variant)
);
