-- What is wrong in the reviewed tables: one row a fault, with the table, its line and what to mend.
-- Each table is a relation of its name with its cells as text, '' where nothing is said, and `line`.
WITH cell AS (
    SELECT 'organisation' AS "table", line, "column", text FROM (UNPIVOT organisation ON COLUMNS(* EXCLUDE line) INTO NAME "column" VALUE text)
    UNION ALL SELECT 'organisation_alias', line, "column", text
    FROM (UNPIVOT organisation_alias ON COLUMNS(* EXCLUDE line) INTO NAME "column" VALUE text)
    UNION ALL SELECT 'institution', line, "column", text FROM (UNPIVOT institution ON COLUMNS(* EXCLUDE line) INTO NAME "column" VALUE text)
    UNION ALL SELECT 'institution_alias', line, "column", text
    FROM (UNPIVOT institution_alias ON COLUMNS(* EXCLUDE line) INTO NAME "column" VALUE text)
    UNION ALL SELECT 'series_break', line, "column", text FROM (UNPIVOT series_break ON COLUMNS(* EXCLUDE line) INTO NAME "column" VALUE text)
    UNION ALL SELECT 'rename', line, "column", text FROM (UNPIVOT rename ON COLUMNS(* EXCLUDE line) INTO NAME "column" VALUE text)
), span AS (
    SELECT *, coalesce(TRY_CAST(valid_from AS DATE), DATE '0001-01-01') AS since, coalesce(TRY_CAST(valid_to AS DATE), DATE '9999-12-31') AS until
    FROM organisation
), meant AS (
    SELECT 'institution' AS "table", line, 'institution' AS "column", institution AS text, short(institution) AS said, institution FROM institution
    UNION ALL SELECT 'institution_alias', line, 'alias', alias, short(alias), institution FROM institution_alias
), own AS (FROM organisation_alias SEMI JOIN organisation ON organisation_alias.alias = organisation.organisation)
SELECT "table", line, message FROM (
    SELECT "table", line, "column" || ' is empty' AS message FROM cell
    WHERE text = '' AND ("table" || '.' || "column") IN ('organisation.organisation', 'organisation.reviewed_on', 'organisation_alias.alias',
        'organisation_alias.organisation', 'institution.institution', 'institution.kind', 'institution.reviewed_on', 'institution_alias.alias',
        'institution_alias.institution', 'series_break.indicator', 'series_break.period', 'series_break.kind', 'series_break.detail',
        'rename.dataset', 'rename.column', 'rename.former', 'rename.later', 'rename.note', 'rename.reviewed_on')
    -- An alias is what a source prints, spaces and all.
    UNION ALL SELECT "table", line, "column" || ' begins or ends with a space' FROM cell WHERE "column" <> 'alias' AND text <> trim(text)
    UNION ALL SELECT "table", line, format('{} is ''{}'', expected a date such as 2026-01-31', "column", text) FROM cell
    WHERE text <> '' AND "column" IN ('valid_from', 'valid_to', 'reviewed_on', 'period')
        AND TRY_CAST(text AS DATE)::VARCHAR IS DISTINCT FROM text
    UNION ALL SELECT "table", line, format('url ''{}'' does not begin with https://', text) FROM cell
    WHERE "column" = 'url' AND text <> '' AND NOT starts_with(text, 'https://')

    UNION ALL SELECT 'organisation', line, 'country is empty and no note says why' FROM organisation WHERE country = '' AND note = ''
    UNION ALL SELECT 'organisation', line, format('country ''{}'' is not an ISO 3166-1 alpha-3 code', country) FROM organisation
    WHERE country <> '' AND NOT list_contains($alpha3, country)
    UNION ALL SELECT 'organisation', line, format('valid_to {} is not after valid_from {}', until, since) FROM span WHERE since >= until
    UNION ALL SELECT 'organisation', b.line, format('''{}'' overlaps in time with organisation.csv, line {}', b.organisation, a.line)
    FROM span AS a JOIN span AS b ON a.organisation = b.organisation AND a.line < b.line AND a.since < b.until AND b.since < a.until

    UNION ALL SELECT 'organisation_alias', line, format('alias ''{}'' of ''{}'', which is not in organisation.csv', alias, organisation)
    FROM organisation_alias ANTI JOIN organisation USING (organisation)
    UNION ALL SELECT 'organisation_alias', b.line, CASE WHEN a.organisation = b.organisation
        THEN format('alias ''{}'' is there twice, see organisation_alias.csv, line {}', b.alias, a.line)
        ELSE format('alias ''{}'' means ''{}'' already in organisation_alias.csv, line {}', b.alias, a.organisation, a.line) END
    FROM organisation_alias AS a JOIN organisation_alias AS b ON a.alias = b.alias AND a.line < b.line
    UNION ALL SELECT 'organisation', line, format('''{}'' is not its own alias in organisation_alias.csv', organisation)
    FROM organisation ANTI JOIN own ON own.alias = organisation.organisation
    UNION ALL SELECT 'organisation_alias', line, format('alias ''{}'' means ''{}'', but is an organisation itself', alias, organisation)
    FROM own WHERE alias <> organisation

    UNION ALL SELECT 'institution', line, format('kind ''{}'' is none of {}', kind, array_to_string($kinds, ', ')) FROM institution
    WHERE kind <> '' AND NOT list_contains($kinds, kind)
    UNION ALL SELECT "table", line, format('{} ''{}'' is not an ISO 3166-1 alpha-2 code', "column", text) FROM cell
    WHERE "table" = 'institution' AND "column" IN ('location', 'headquarters') AND text <> '' AND NOT list_contains($alpha2, text)
    UNION ALL SELECT 'institution', line, 'location is empty and no note says why' FROM institution WHERE location = '' AND note = ''
    UNION ALL SELECT 'institution', line, 'of location and headquarters one is empty' FROM institution WHERE (location = '') <> (headquarters = '')
    UNION ALL SELECT 'institution', line, format('ror ''{}'' does not begin with https://ror.org/', ror) FROM institution
    WHERE ror <> '' AND NOT starts_with(ror, 'https://ror.org/')
    UNION ALL SELECT 'institution_alias', line, format('alias ''{}'' of ''{}'', which is not in institution.csv', alias, institution)
    FROM institution_alias ANTI JOIN institution USING (institution)
    UNION ALL SELECT "table", line, format('{} ''{}'' has no letter or figure', "column", text) FROM meant WHERE text <> '' AND said = ''
    UNION ALL SELECT b."table", b.line, format('{} ''{}'' means ''{}'' already in {}.csv, line {}', b."column", b.text, a.institution, a."table", a.line)
    FROM meant AS a JOIN meant AS b ON a.said = b.said AND a.said <> '' AND (a."table", a.line) < (b."table", b.line)

    UNION ALL SELECT 'series_break', line, format('side is ''{}'', expected USA, CHN or nothing for both', side) FROM series_break
    WHERE side NOT IN ('USA', 'CHN', '')
    UNION ALL SELECT 'series_break', b.line, format('the same break as series_break.csv, line {}', a.line)
    FROM series_break AS a JOIN series_break AS b USING (indicator, series, period, side, kind) WHERE a.line < b.line

    UNION ALL SELECT 'rename', line, format('there is no dataset ''{}''', dataset) FROM rename WHERE NOT list_contains($datasets, dataset)
    UNION ALL SELECT 'rename', line, format('''{}'' is no name in the key of {}', "column", dataset) FROM rename
    WHERE list_contains($datasets, dataset) AND ("column" = 'source' OR NOT list_contains($keys, dataset || '.' || "column"))
    UNION ALL SELECT 'rename', line, format('''{}'' is renamed to itself', former) FROM rename WHERE former = later
    UNION ALL SELECT 'rename', b.line, format('the same rename as rename.csv, line {}', a.line)
    FROM rename AS a JOIN rename AS b USING (dataset, "column", former, later) WHERE a.line < b.line
) ORDER BY "table", line, message
