/* expectations/alerts/rows/words.sql
title: words gone from its page */
-- Published figures whose words stood on their page and, as was seen after $since, no longer do.
SELECT now.figure AS about,
    format(
        'Published figure {}: its words are no longer on {}: "{}". Look at the page, then at the figure.',
        now.figure, now.url, now.quote
    ) AS message
FROM history.quote_check AS now
JOIN history.quote_check AS before
    ON before.source = now.source AND before.figure = now.figure AND before.known_to = now.known_from
WHERE now.known_to IS NULL AND before.found AND NOT now.found AND now.known_from > $since::TIMESTAMP
ORDER BY now.figure, now.url, now.quote
