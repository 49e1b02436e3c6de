/* The overall text boards of LMArena, one per configuration and publish date, with the country of each model's maker, for arena_gap. */

-- Whose model it is, by the beginning of its name, where a document prints no organisation. The longest beginning counts. Names that
-- nobody knows the maker of (tests under a code name) are not here, and stay without a country.
CREATE OR REPLACE TEMP MACRO arena_maker(model) AS (
    SELECT arg_max(maker, length(start))
    FROM (VALUES
        ('gpt-', 'OpenAI'), ('chatgpt-', 'OpenAI'), ('o1-', 'OpenAI'), ('o3-', 'OpenAI'), ('o4-', 'OpenAI'), ('gpt4all', 'Nomic AI'),
        ('claude-', 'Anthropic'), ('gemini-', 'Google'), ('gemma-', 'Google'), ('bard-', 'Google'), ('palm-', 'Google'),
        ('grok-', 'xAI'), ('early-grok-', 'xAI'), ('llama-', 'Meta'), ('llama2-70b-steerlm', 'Nvidia'), ('codellama-', 'Meta'),
        ('llama-3.1-nemotron', 'Nvidia'), ('llama-3.3-nemotron', 'Nvidia'), ('nemotron', 'Nvidia'), ('nvidia-', 'Nvidia'),
        ('llama-3.1-tulu', 'Allen Institute for AI'), ('tulu-', 'AllenAI/UW'), ('olmo-', 'Allen Institute for AI'),
        ('phi-', 'Microsoft'), ('wizardlm-', 'Microsoft'), ('amazon-nova', 'Amazon'), ('nova-', 'Amazon'), ('granite-', 'IBM'),
        ('dbrx-', 'Databricks'), ('dolly-', 'Databricks'), ('mpt-', 'MosaicML'), ('snowflake-', 'Snowflake'), ('pplx-', 'Perplexity AI'),
        ('stripedhyena', 'Together AI'), ('nous-hermes', 'NousResearch'), ('openhermes', 'NousResearch'), ('athene-', 'Nexusflow'),
        ('starling-', 'UC Berkeley'), ('koala-', 'UC Berkeley'), ('vicuna-', 'LMSYS'), ('fastchat-', 'LMSYS'), ('alpaca-', 'Stanford'),
        ('guanaco-', 'UW'), ('reka-', 'Reka AI'), ('dolphin-', 'Cognitive Computations'), ('zephyr-', 'Hugging Face'),
        ('smollm', 'Hugging Face'), ('gemma-2-9b-it-simpo', 'Princeton'),
        ('command-', 'Cohere'), ('c4ai-', 'Cohere'), ('mistral-', 'Mistral AI'), ('mixtral-', 'Mistral AI'), ('ministral-', 'Mistral AI'),
        ('magistral-', 'Mistral AI'), ('stablelm-', 'Stability AI'), ('oasst-', 'OpenAssistant'), ('falcon-', 'TII'),
        ('solar-', 'Upstage AI'), ('jamba-', 'AI21 Labs'),
        ('deepseek-', 'DeepSeek'), ('qwen', 'Alibaba'), ('qwq-', 'Alibaba'), ('hunyuan-', 'Tencent'), ('glm-', 'Z.ai'), ('chatglm', 'Tsinghua'),
        ('kimi-', 'Moonshot AI'), ('minimax-', 'MiniMax'), ('step-', 'StepFun'), ('ernie-', 'Baidu'), ('yi-', '01 AI'), ('internlm', 'InternLM'),
        ('openchat-', 'OpenChat'), ('rwkv-', 'RWKV')
    ) AS family (start, maker)
    WHERE starts_with(lower(model), start)
);

-- One board per configuration and publish date, from the first source that states it in full. A document that holds several dates may
-- hold only a few models of one: fewer than half of what its source states within 60 days is a remnant, no board. The site is collected
-- from the top as far as one reads that day: there a short board is a board.
CREATE OR REPLACE TEMP MACRO arena_board() AS TABLE
WITH preferred (source, rank, naming, short) AS (
    VALUES ('lmarena_text_history', 1, 'id', false), ('lmarena_text', 2, 'id', false), ('lmarena_text_style_control', 2, 'id', false),
        ('lmarena_catalog', 3, 'id', false), ('lmarena_tables', 4, 'title', false), ('lmarena_wide_history', 5, 'id', false), ('arena_daily', 6, 'id', true)
), stated AS (
    SELECT source, configuration, published_on, count(*) AS models
    FROM arena_rating WHERE board = 'text' AND category = 'overall' GROUP BY ALL
), complete AS (
    SELECT source, configuration, published_on, rank, naming
    FROM (
        SELECT *, max(models) OVER (PARTITION BY source, configuration ORDER BY published_on
            RANGE BETWEEN INTERVAL 60 DAYS PRECEDING AND INTERVAL 60 DAYS FOLLOWING) AS largest
        FROM stated
    ) JOIN preferred USING (source)
    WHERE short OR 2 * models >= largest
), chosen AS (
    FROM complete QUALIFY row_number() OVER (PARTITION BY configuration, published_on ORDER BY rank) = 1
), maker AS (
    SELECT model, organisation, published_on, coalesce(organisation, arena_maker(model)) AS maker
    FROM (SELECT DISTINCT model, organisation, published_on FROM arena_rating WHERE board = 'text' AND category = 'overall')
)
SELECT rating.* REPLACE (coalesce(rating_low, rating) AS rating_low, coalesce(rating_high, rating) AS rating_high),
    rating.rating_low IS NOT NULL AND rating.rating_high IS NOT NULL AS measured, naming, country_of(maker, published_on) AS country
FROM arena_rating AS rating
JOIN chosen USING (source, configuration, published_on)
JOIN maker ON maker.model = rating.model AND maker.published_on = rating.published_on AND maker.organisation IS NOT DISTINCT FROM rating.organisation
WHERE board = 'text' AND category = 'overall';

-- Publish dates on which the whole board moved against the one before: at least ten models are on both, they moved by five points or more
-- in the median, and nearly alike (the middle half of them within half of that). Only boards that name their models alike are compared.
CREATE OR REPLACE TEMP MACRO arena_rebasing() AS TABLE
WITH board AS MATERIALIZED (
    SELECT configuration, naming, published_on, model, rating FROM arena_board()
), dated AS (
    SELECT *, lag(published_on) OVER (PARTITION BY configuration, naming ORDER BY published_on) AS since
    FROM (SELECT DISTINCT configuration, naming, published_on FROM board)
), moved AS (
    SELECT configuration, published_on, since, count(*) AS models, quantile_disc(now.rating - before.rating, 0.5) AS shift,
        quantile_disc(now.rating - before.rating, 0.75) - quantile_disc(now.rating - before.rating, 0.25) AS spread
    FROM dated
    JOIN board AS now USING (configuration, naming, published_on)
    JOIN board AS before ON before.configuration = dated.configuration AND before.naming = dated.naming
        AND before.published_on = since AND before.model = now.model
    GROUP BY ALL
)
SELECT configuration, published_on, format('re-based: the {} models on both boards moved by {:+.1f} Elo (median) since {}', models, shift, since) AS detail
FROM moved WHERE models >= 10 AND abs(shift) >= 5 AND spread <= abs(shift) / 2;
