CREATE TABLE arena_rating (
    source        VARCHAR,
    board         VARCHAR,
    configuration VARCHAR,
    category      VARCHAR,
    published_on  DATE,
    model         VARCHAR,
    organisation  VARCHAR,
    licence       VARCHAR,
    rating        DOUBLE NOT NULL,
    rating_low    DOUBLE,
    rating_high   DOUBLE,
    votes         BIGINT,
    PRIMARY KEY (source, board, configuration, category, published_on, model)
);
COMMENT ON TABLE arena_rating IS 'rating of a model on an LMArena board, as one source states it';
COMMENT ON COLUMN arena_rating.source IS 'id of the source that states it (see the view source)';
COMMENT ON COLUMN arena_rating.board IS 'board of the arena: ''text''';
COMMENT ON COLUMN arena_rating.configuration IS
    'how the rating is fitted: ''raw'', ''style control'' (length and mark-up of an answer are taken out) or '
    '''site'' (as the site prints it, rounded, without saying which); never compared with one another';
COMMENT ON COLUMN arena_rating.category IS
    'prompts that count, in the publisher''s words; ''overall'' is all of them';
COMMENT ON COLUMN arena_rating.published_on IS
    'day the board was published, of ''site'' the day it was collected; ratings are fitted anew for each '
    'board, so compare within one day only';
COMMENT ON COLUMN arena_rating.model IS 'model as printed; every effort and variant is a row of its own';
COMMENT ON COLUMN arena_rating.organisation IS 'who made it, as printed; null: the document does not say';
COMMENT ON COLUMN arena_rating.licence IS 'licence of the model, as printed; null: the document does not say';
COMMENT ON COLUMN arena_rating.rating IS 'Elo points (Bradley-Terry scores on the scale of Elo)';
COMMENT ON COLUMN arena_rating.rating_low IS
    'lower end of the published 95 % interval, Elo points; null: none published';
COMMENT ON COLUMN arena_rating.rating_high IS
    'upper end of the published 95 % interval, Elo points; null: none published';
COMMENT ON COLUMN arena_rating.votes IS 'votes the rating rests on; null: the document does not say';
