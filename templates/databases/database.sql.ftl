-- What follows is quoted for this setting, whatever the cluster's is.
SET standard_conforming_strings = on;
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING %L LOCALE %L',
              '${database.name}', '${database.owner}', '${database.encoding}', '${database.locale}')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '${database.name}') \gexec
-- A drop that failed and was taken back has left it closed.
ALTER DATABASE "${database.name}" ALLOW_CONNECTIONS true;
\connect "${database.name}"
${unaudited}DO $ninefold$
DECLARE
  born record;
  other name;
BEGIN
  SELECT pg_encoding_to_char(encoding) AS encoding, datcollate AS locale, datdba AS owner,
         rolname AS owner_name, rolsuper AS superuser,
         ARRAY(SELECT datname FROM pg_database WHERE datdba = d.datdba AND oid <> d.oid) AS others
    INTO STRICT born
    FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE datname = current_database();
  IF pg_char_to_encoding(born.encoding) <> pg_char_to_encoding('${database.encoding}')
     OR lower(replace(born.locale, '-', '')) <> lower(replace('${database.locale}', '-', '')) THEN
    RAISE EXCEPTION 'database ${database.name} was born with encoding % and locale %, and stays so',
      born.encoding, born.locale
      USING HINT = 'Put them into the description, or move the data into a database made anew.';
  END IF;
  -- A new owner takes over what the old one has in this database, and in no other.
  IF born.owner_name <> '${database.owner}' AND NOT born.superuser THEN
    EXECUTE format('REASSIGN OWNED BY %I TO "${database.owner}"', born.owner_name);
    EXECUTE format('REVOKE ALL ON DATABASE "${database.name}" FROM %I', born.owner_name);
    FOREACH other IN ARRAY born.others LOOP
      EXECUTE format('ALTER DATABASE %I OWNER TO %I', other, born.owner_name);
    END LOOP;
  END IF;
END $ninefold$;
BEGIN;
ALTER DATABASE "${database.name}" OWNER TO "${database.owner}";
REVOKE CONNECT, TEMPORARY ON DATABASE "${database.name}" FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE "${database.name}" TO "${database.owner}";
ALTER DATABASE "${database.name}" RESET ALL;
<#list settings as name, elements>
ALTER DATABASE "${database.name}" SET ${name} TO <#list elements as element>'${element?replace("'", "''")}'<#sep>, </#list>;
</#list>
COMMIT;
-- Its owner may have dropped it.
SELECT 'ALTER SCHEMA public OWNER TO "${database.owner}"'
WHERE EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public') \gexec
