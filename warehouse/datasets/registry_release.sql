CREATE TABLE registry_release (
    source       VARCHAR,
    version      VARCHAR,
    published_on DATE NOT NULL,
    url          VARCHAR NOT NULL,
    bytes        BIGINT,
    PRIMARY KEY (source, version)
);
COMMENT ON TABLE registry_release IS 'releases of the ROR registry, one line per version';
COMMENT ON COLUMN registry_release.source IS 'id of the source that states it (see the view source)';
COMMENT ON COLUMN registry_release.version IS 'version as printed, such as ''v2.9''';
COMMENT ON COLUMN registry_release.published_on IS 'day of publication';
COMMENT ON COLUMN registry_release.url IS 'address of the zip with the whole registry';
COMMENT ON COLUMN registry_release.bytes IS 'size of the zip in bytes; null: not stated';
