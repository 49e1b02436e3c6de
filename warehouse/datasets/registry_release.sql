-- registry_release: releases of the ROR registry, one line per version
CREATE TABLE registry_release (
    source       VARCHAR,          -- id of the source that states it (see the view source)
    version      VARCHAR,          -- version as printed, such as 'v2.9'
    published_on DATE NOT NULL,    -- day of publication
    url          VARCHAR NOT NULL, -- address of the zip with the whole registry
    bytes        BIGINT,           -- size of the zip in bytes; null: not stated
    PRIMARY KEY (source, version)
);
