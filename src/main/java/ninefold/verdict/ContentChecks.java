package ninefold.verdict;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import ninefold.description.Cluster;
import ninefold.description.ClusterRole;
import ninefold.description.Database;

/** Checks that PostgreSQL has the described roles and databases, and only one superuser. */
final class ContentChecks {
  private static final String SUPERUSER = "postgres";
  private static final String REPLICATOR = ClusterRole.REPLICATOR.roleName();
  private static final Set<String> STACK_DATABASES = Set.of("postgres", Cluster.OWN_DATABASE);

  /** The roles that the stack creates in every cluster. */
  private static final List<String> STACK_ROLES =
      Stream.of(ClusterRole.values()).map(ClusterRole::roleName).toList();

  private static final String RUN_STEPS_AGAIN =
      "raise the node's generation and run pulumi up; docs/operations/changing-a-setting.md, Drift";

  private ContentChecks() {}

  static void run(ClusterFacts clusterFacts, Findings findings) {
    clusterFacts
        .anyPostgresql()
        .ifPresent(
            postgresql -> {
              Cluster cluster = clusterFacts.cluster();
              postgresql.roles().known().ifPresent(roles -> roles(cluster, roles, findings));
              postgresql
                  .changedPasswords()
                  .known()
                  .ifPresent(names -> names.forEach(name -> password(name, findings)));
              postgresql
                  .databases()
                  .known()
                  .ifPresent(databases -> databases(cluster, databases, findings));
            });
  }

  private static void roles(Cluster cluster, List<PostgresqlFacts.Role> all, Findings findings) {
    Map<String, PostgresqlFacts.Role> roles = new LinkedHashMap<>();
    all.forEach(role -> roles.put(role.name(), role));
    Set<String> described = new LinkedHashSet<>(STACK_ROLES);
    cluster.databases().stream().map(Database::owner).forEach(described::add);
    for (String name : described) {
      PostgresqlFacts.Role role = roles.get(name);
      if (role == null) {
        findings.add(
            Check.ROLE_MISSING, "Role " + name + " does not exist in PostgreSQL.", RUN_STEPS_AGAIN);
      } else {
        attributes(role, findings);
      }
    }
    all.stream()
        .filter(role -> role.superuser() && !role.name().equals(SUPERUSER))
        .forEach(
            role ->
                findings.add(
                    Check.ROLE_SUPERUSER,
                    "Role " + role.name() + " is a superuser; only postgres should be one.",
                    "on the leader: ALTER ROLE \"" + role.name() + "\" NOSUPERUSER"));
  }

  private static void attributes(PostgresqlFacts.Role role, Findings findings) {
    Map<String, Boolean> differing = new LinkedHashMap<>();
    boolean replicates = role.name().equals(REPLICATOR);
    differing.put("it cannot log in", !role.login());
    differing.put("it can replicate", role.replication() && !replicates);
    differing.put("it cannot replicate", !role.replication() && replicates);
    differing.put("it can create roles", role.createRole());
    differing.put("it can create databases", role.createDb());
    List<String> problems =
        differing.entrySet().stream().filter(Map.Entry::getValue).map(Map.Entry::getKey).toList();
    if (!problems.isEmpty()) {
      findings.add(
          Check.ROLE_DIFFERS,
          "Role %s has different attributes than it should: %s."
              .formatted(role.name(), FindingText.list(problems)),
          RUN_STEPS_AGAIN);
    }
  }

  private static void password(String role, Findings findings) {
    findings.add(
        Check.ROLE_PASSWORD,
        ("Role %s has a password in PostgreSQL that PgBouncer does not know, so PgBouncer cannot log"
                + " in as that role.")
            .formatted(role),
        "docs/operations/keys.md, Passwords");
  }

  private static void databases(
      Cluster cluster, List<PostgresqlFacts.Database> all, Findings findings) {
    Map<String, String> owners = new LinkedHashMap<>();
    all.forEach(database -> owners.put(database.name(), database.owner()));
    for (Database database : cluster.databases()) {
      String owner = owners.remove(database.name());
      if (owner == null) {
        findings.add(
            Check.DATABASE_MISSING,
            "Database " + database.name() + " does not exist.",
            RUN_STEPS_AGAIN);
      } else if (!owner.equals(database.owner())) {
        findings.add(
            Check.DATABASE_OWNER,
            "Database %s is owned by %s instead of %s."
                .formatted(database.name(), owner, database.owner()),
            RUN_STEPS_AGAIN);
      }
    }
    owners.keySet().removeAll(STACK_DATABASES);
    owners.forEach(
        (name, owner) ->
            findings.add(
                Check.DATABASE_UNKNOWN,
                "Database %s, owned by %s, is not in the description.".formatted(name, owner),
                "add it to the description, or drop it: docs/operations/changing-a-setting.md, Dropping a"
                    + " database"));
  }
}
