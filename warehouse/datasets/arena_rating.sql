-- arena_rating: rating of a model on an LMArena board, as one source states it
CREATE TABLE arena_rating (
    source        VARCHAR,          -- id of the source that states it (see the view source)
    board         VARCHAR,          -- board of the arena: 'text'
    configuration VARCHAR,          -- how the rating is fitted: 'raw', or 'style control' (length and mark-up of an answer are taken out); never compared with one another
    category      VARCHAR,          -- prompts that count, in the publisher's words; 'overall' is all of them
    published_on  DATE,             -- day the board was published; ratings are fitted anew for each, so compare within one day only
    model         VARCHAR,          -- model as printed; every effort and variant is a row of its own
    organisation  VARCHAR,          -- who made it, as printed; null: the document does not say
    licence       VARCHAR,          -- licence of the model, as printed; null: the document does not say
    rating        DOUBLE NOT NULL,  -- Elo points (Bradley-Terry scores on the scale of Elo)
    rating_low    DOUBLE,           -- lower end of the published 95 % interval, Elo points; null: none published
    rating_high   DOUBLE,           -- upper end of the published 95 % interval, Elo points; null: none published
    votes         BIGINT,           -- votes the rating rests on; null: the document does not say
    PRIMARY KEY (source, board, configuration, category, published_on, model)
);
