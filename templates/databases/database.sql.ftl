-- The strings below are quoted for this setting; the cluster's may differ.
SET standard_conforming_strings = on;
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING %L LOCALE %L',
              '${database.name}', '${database.owner}', '${database.encoding}', '${database.locale}')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '${database.name}') \gexec
-- An earlier drop that failed may have left it closed.
ALTER DATABASE "${database.name}" ALLOW_CONNECTIONS true;
\connect "${database.name}"
${unaudited}DO $ninefold$
DECLARE
  existing record;
  other name;
BEGIN
  SELECT pg_encoding_to_char(encoding) AS encoding, datcollate AS locale, datdba AS owner,
         rolname AS owner_name, rolsuper AS superuser,
         ARRAY(SELECT datname FROM pg_database WHERE datdba = d.datdba AND oid <> d.oid) AS others
    INTO STRICT existing
    FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE datname = current_database();
  IF pg_char_to_encoding(existing.encoding) <> pg_char_to_encoding('${database.encoding}')
     OR lower(replace(existing.locale, '-', '')) <> lower(replace('${database.locale}', '-', '')) THEN
    RAISE EXCEPTION 'database ${database.name} was created with encoding % and locale %, which cannot change',
      existing.encoding, existing.locale
      USING HINT = 'Write them into the description, or move the data into a new database.';
  END IF;
  -- A new owner takes over the old owner's objects in this database only.
  IF existing.owner_name <> '${database.owner}' AND NOT existing.superuser THEN
    EXECUTE format('REASSIGN OWNED BY %I TO "${database.owner}"', existing.owner_name);
    EXECUTE format('REVOKE ALL ON DATABASE "${database.name}" FROM %I', existing.owner_name);
    FOREACH other IN ARRAY existing.others LOOP
      EXECUTE format('ALTER DATABASE %I OWNER TO %I', other, existing.owner_name);
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
-- The database's owner may have dropped the schema.
SELECT 'ALTER SCHEMA public OWNER TO "${database.owner}"'
WHERE EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public') \gexec
