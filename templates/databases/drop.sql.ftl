<#list drop.databases as name>
SELECT 'ALTER DATABASE "${name}" ALLOW_CONNECTIONS false'
WHERE EXISTS (SELECT FROM pg_database WHERE datname = '${name}') \gexec
DROP DATABASE IF EXISTS "${name}" WITH (FORCE);
</#list>
<#list drop.users as name>
DROP ROLE IF EXISTS "${name}";
</#list>
