SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING %L LOCALE %L',
              '${database.name}', '${database.owner}', '${database.encoding}', '${database.locale}')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '${database.name}') \gexec
ALTER DATABASE "${database.name}" OWNER TO "${database.owner}";
REVOKE CONNECT, TEMPORARY ON DATABASE "${database.name}" FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE "${database.name}" TO "${database.owner}";
<#list database.settings as name, value>
ALTER DATABASE "${database.name}" SET ${name} TO '${value?replace("'", "''")}';
</#list>
\connect "${database.name}"
ALTER SCHEMA public OWNER TO "${database.owner}";
<#list database.extensions as extension>
CREATE EXTENSION IF NOT EXISTS "${extension}";
</#list>
\connect postgres
