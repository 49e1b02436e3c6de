/* warehouse/build/derived/affiliation.sql
inputs: [author_slot, institution, reference.institution, reference.institution_alias]
formerly: mapping */
-- Countries follow the newest registry and reviewed tables at any moment.
CREATE TABLE derived.affiliation (
    affiliation      VARCHAR,
    domain           VARCHAR,
    part             INTEGER,
    parts            INTEGER,
    country_location VARCHAR,
    country_hq       VARCHAR,
    institution      VARCHAR,
    ror              VARCHAR,
    tier             VARCHAR,
    score            DOUBLE,
    matched          VARCHAR
);
COMMENT ON TABLE derived.affiliation IS
    'every affiliation that a dataset prints, resolved to institutions and countries; one row per '
    'institution it names';
COMMENT ON COLUMN derived.affiliation.affiliation IS 'the affiliation as printed';
COMMENT ON COLUMN derived.affiliation.domain IS 'web or e-mail domain that the source gives beside it';
COMMENT ON COLUMN derived.affiliation.part IS
    'number of the institution in the string, from 1; the first-listed one is primary';
COMMENT ON COLUMN derived.affiliation.parts IS 'number of institutions that the string names';
COMMENT ON COLUMN derived.affiliation.country_location IS
    'country where the named unit is, ISO 3166-1 alpha-2; Hong Kong (HK), Macao (MO) and Taiwan (TW) apart; '
    'null: not resolved';
COMMENT ON COLUMN derived.affiliation.country_hq IS
    'country in which the institution''s ultimate owner has its headquarters, ISO 3166-1 alpha-2';
COMMENT ON COLUMN derived.affiliation.institution IS
    'the reviewed institution, or the registry''s record, that matched';
COMMENT ON COLUMN derived.affiliation.ror IS 'its id in the registry of research organisations';
COMMENT ON COLUMN derived.affiliation.tier IS
    'which rule answered: ''reviewed'', ''exact'', ''place'', ''part'', ''domain'', ''fuzzy'' or '
    '''unresolved''';
COMMENT ON COLUMN derived.affiliation.score IS
    'how sure the rule is, 0 to 100; of ''fuzzy'', how alike the names are';
COMMENT ON COLUMN derived.affiliation.matched IS 'the text that matched';

CREATE VIEW main.affiliation AS FROM derived.affiliation;
COMMENT ON VIEW main.affiliation IS
    'Every affiliation that a dataset prints, with its country; one row per institution that it names';
