-- institution: research organisations of the ROR registry, one line per organisation, also those withdrawn
CREATE TABLE institution (
    source    VARCHAR,          -- id of the source that states it (see the view source)
    ror       VARCHAR,          -- id in the registry, such as 'https://ror.org/00f54p054'
    name      VARCHAR NOT NULL, -- name that the registry displays
    names     VARCHAR NOT NULL, -- all names, JSON list of value, types (ror_display, label, alias, acronym) and lang
    status    VARCHAR NOT NULL, -- 'active', 'inactive' or 'withdrawn'
    kinds     VARCHAR NOT NULL, -- what it is, JSON list: education, company, government …
    countries VARCHAR NOT NULL, -- ISO 3166-1 alpha-2 codes (XK: Kosovo) of its places, JSON list, each once; may be empty or hold several
    places    VARCHAR NOT NULL, -- JSON list of city, subdivision (state or province) and country
    domains   VARCHAR NOT NULL, -- JSON list: its domains and the hosts of its websites, lower case, without 'www.'
    relations VARCHAR NOT NULL, -- JSON list of type (parent, child, related, successor, predecessor) and ror
    modified  DATE,             -- day on which the record was last changed; null: not stated
    PRIMARY KEY (source, ror)
);
