/* The country of an organisation on a day, ISO 3166-1 alpha-3; null when nobody has mapped the name. */
CREATE OR REPLACE TEMP MACRO country_of(name, day) AS (
    SELECT any_value(known.country)
    FROM reference.organisation_alias AS alias JOIN reference.organisation AS known USING (organisation)
    WHERE alias.alias = name AND (known.valid_from IS NULL OR known.valid_from <= day) AND (known.valid_to IS NULL OR known.valid_to > day)
);
