-- A superuser makes nothing in a schema that an application owns. What PostgreSQL trusts the owner makes itself, in
-- public; all else comes into a schema that is not the application's.
DO $ninefold$
DECLARE
  known record;
BEGIN
  SELECT trusted, installed_version INTO known
    FROM pg_available_extensions JOIN pg_available_extension_versions USING (name)
    WHERE name = '${extension}' AND version = default_version;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'PostgreSQL has no extension ${extension}'
      USING HINT = 'Install its package on every database node, or take it out of the description.';
  ELSIF known.installed_version IS NOT NULL THEN
    RETURN;
  ELSIF known.trusted THEN
    SET LOCAL search_path TO public;
    SET LOCAL ROLE "${owner}";
  ELSE
    CREATE SCHEMA IF NOT EXISTS extensions;
    IF (SELECT nspowner FROM pg_namespace WHERE nspname = 'extensions') <> 'postgres'::regrole THEN
      RAISE EXCEPTION 'schema extensions of database ${database} does not belong to postgres'
        USING HINT = 'Extension ${extension} would be made there: give the schema another name.';
    END IF;
    GRANT USAGE ON SCHEMA extensions TO PUBLIC;
    SET LOCAL search_path TO extensions;
  END IF;
  CREATE EXTENSION "${extension}";
END $ninefold$;
