-- What follows is quoted for this setting, whatever the cluster's is.
SET standard_conforming_strings = on;
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING %L LOCALE %L',
              '${database.name}', '${database.owner}', '${database.encoding}', '${database.locale}')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '${database.name}') \gexec
ALTER DATABASE "${database.name}" OWNER TO "${database.owner}";
REVOKE CONNECT, TEMPORARY ON DATABASE "${database.name}" FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE "${database.name}" TO "${database.owner}";
<#list settings as name, elements>
ALTER DATABASE "${database.name}" SET ${name} TO <#list elements as element>'${element?replace("'", "''")}'<#sep>, </#list>;
</#list>
\connect "${database.name}"
ALTER SCHEMA public OWNER TO "${database.owner}";
<#if database.extensions?has_content>
-- The database's own search_path may name a schema that is not there yet.
SET search_path TO public;
</#if>
<#list database.extensions as extension>
CREATE EXTENSION IF NOT EXISTS "${extension}";
</#list>
\connect postgres
