CREATE TABLE institution (
    source    VARCHAR,
    ror       VARCHAR,
    name      VARCHAR NOT NULL,
    names     VARCHAR NOT NULL,
    status    VARCHAR NOT NULL,
    kinds     VARCHAR NOT NULL,
    countries VARCHAR NOT NULL,
    places    VARCHAR NOT NULL,
    domains   VARCHAR NOT NULL,
    relations VARCHAR NOT NULL,
    modified  DATE,
    PRIMARY KEY (source, ror)
);
COMMENT ON TABLE institution IS
    'research organisations of the ROR registry, one line per organisation, also those withdrawn';
COMMENT ON COLUMN institution.source IS 'id of the source that states it (see the view source)';
COMMENT ON COLUMN institution.ror IS 'id in the registry, such as ''https://ror.org/00f54p054''';
COMMENT ON COLUMN institution.name IS 'name that the registry displays';
COMMENT ON COLUMN institution.names IS
    'all names, JSON list of value, types (ror_display, label, alias, acronym) and lang';
COMMENT ON COLUMN institution.status IS '''active'', ''inactive'' or ''withdrawn''';
COMMENT ON COLUMN institution.kinds IS 'what it is, JSON list: education, company, government …';
COMMENT ON COLUMN institution.countries IS
    'ISO 3166-1 alpha-2 codes (XK: Kosovo) of its places, JSON list, each once; may be empty or hold several';
COMMENT ON COLUMN institution.places IS 'JSON list of city, subdivision (state or province) and country';
COMMENT ON COLUMN institution.domains IS
    'JSON list: its domains and the hosts of its websites, lower case, without ''www.''';
COMMENT ON COLUMN institution.relations IS
    'JSON list of type (parent, child, related, successor, predecessor) and ror';
COMMENT ON COLUMN institution.modified IS 'day on which the record was last changed; null: not stated';
