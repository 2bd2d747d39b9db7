-- What a recovered cluster needs to know of the server it came from, as one JSON object. Read through psql, which brings fewer
-- settings of its own along than JDBC does.

\set ON_ERROR_STOP on
\encoding UTF8
SET search_path = pg_catalog;

-- a server lets only those read files outside its data directory who hold both rights
SELECT has_function_privilege('pg_read_binary_file(text,bigint,bigint,boolean)', 'EXECUTE')
   AND pg_has_role('pg_read_server_files', 'USAGE') AS may_read_files \gset
\if :may_read_files
  \set content 'CASE WHEN NOT inside THEN encode(pg_read_binary_file(path, 0, 16777216, true), ''base64'') END'
\else
  \set content 'NULL::text'
\endif

WITH directory AS (
    SELECT setting AS path FROM pg_settings WHERE name = 'data_directory'
), file (kind, path) AS (
    SELECT name, setting FROM pg_settings WHERE name IN ('config_file', 'hba_file', 'ident_file')
    UNION
    SELECT 'included', sourcefile FROM pg_settings
     WHERE sourcefile NOT IN (SELECT setting FROM pg_settings WHERE name = 'config_file')
), placed AS (
    SELECT kind, path, starts_with(path, (SELECT path || '/' FROM directory)) AS inside FROM file
)
SELECT json_build_object(
    'dataDirectory', (SELECT path FROM directory),
    'settings', (SELECT json_agg(json_build_object(
                            'name', name,
                            'value', setting,
                            'unit', unit,
                            'source', source) ORDER BY name)
                   FROM pg_settings
                  WHERE source NOT IN ('default', 'client', 'session', 'database', 'user', 'database user')
                    AND name NOT LIKE 'transaction\_%'),
    'files', (SELECT json_agg(json_build_object(
                         'kind', kind,
                         'path', path,
                         'insideDataDirectory', inside,
                         'content', :content) ORDER BY kind, path)
                FROM placed),
    'tablespaces', (SELECT coalesce(json_agg(json_build_object(
                               'oid', oid::bigint,
                               'name', spcname,
                               'location', pg_tablespace_location(oid)) ORDER BY oid), '[]')
                      FROM pg_tablespace WHERE pg_tablespace_location(oid) <> ''));
