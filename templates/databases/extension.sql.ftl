-- A superuser creates nothing in a schema that an application owns. The owner creates trusted extensions, in public.
-- All others, and the extensions that they require, are created in a schema that belongs to postgres: PostgreSQL also
-- searches the schemas of required extensions while it runs an extension's script.
DO $ninefold$
DECLARE
  known record;
  needed record;
BEGIN
  SELECT requires, installed_version, trusted AND NOT EXISTS (
           SELECT FROM pg_available_extensions AS newest JOIN pg_available_extension_versions AS other USING (name)
           WHERE name IN (<#list described as name>'${name}'<#sep>, </#list>) AND version = default_version
             AND NOT other.trusted AND '${extension}' = ANY (other.requires)) AS owners
    INTO known
    FROM pg_available_extensions JOIN pg_available_extension_versions USING (name)
    WHERE name = '${extension}' AND version = default_version;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'PostgreSQL has no extension ${extension}'
      USING HINT = 'Install its package on every database node, or remove it from the description.';
  ELSIF known.installed_version IS NOT NULL THEN
    RETURN;
  ELSIF known.owners THEN
    SET LOCAL search_path TO public;
    SET LOCAL ROLE "${owner}";
  ELSE
    CREATE SCHEMA IF NOT EXISTS extensions;
    IF (SELECT nspowner FROM pg_namespace WHERE nspname = 'extensions') <> 'postgres'::regrole THEN
      RAISE EXCEPTION 'schema extensions of database ${databaseName} does not belong to postgres'
        USING HINT = 'Extension ${extension} would be created there: rename the schema.';
    END IF;
    SELECT extname, nspname INTO needed FROM pg_extension JOIN pg_namespace AS schema ON schema.oid = extnamespace
      WHERE extname = ANY (known.requires) AND nspowner <> 'postgres'::regrole LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION 'extension ${extension} of database ${databaseName} needs extension %, which is in schema % of the application',
        needed.extname, needed.nspname
        USING HINT = format('A superuser would run code that the application has put there. Let the application drop extension %s, '
          'name both in the description, and run pulumi up: it creates both in schema extensions.', needed.extname);
    END IF;
    GRANT USAGE ON SCHEMA extensions TO PUBLIC;
    SET LOCAL search_path TO extensions;
  END IF;
  CREATE EXTENSION "${extension}";
END $ninefold$;
