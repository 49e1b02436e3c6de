/* The country of an organisation on a day, ISO 3166-1 alpha-3; null when nobody has mapped the name.

   Its own columns have names that no caller has: in a WHERE clause, a caller's unqualified column called organisation would
   otherwise be taken for the one in here, and every row would match itself. */
CREATE OR REPLACE TEMP MACRO country_of(name, day) AS (
    SELECT any_value(_country)
    FROM (SELECT alias AS _alias, organisation AS _organisation FROM reference.organisation_alias)
    JOIN (SELECT organisation AS _organisation, country AS _country, valid_from AS _from, valid_to AS _to FROM reference.organisation)
        USING (_organisation)
    WHERE _alias = name AND (_from IS NULL OR _from <= day) AND (_to IS NULL OR _to > day)
);
