package ninefold.verdict;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import ninefold.description.Role;

/** Checks that every service that a machine's roles require answers. */
final class ServiceChecks {
  /** The services of all roles but {@code postgres}. */
  private static final List<Service> SERVICES =
      List.of(
          new Service(Role.ETCD, Check.ETCD_SILENT, "etcd does", "etcd", Facts::etcd),
          new Service(
              Role.BALANCER, Check.HAPROXY_SILENT, "HAProxy does", "haproxy", Facts::haproxy),
          new Service(
              Role.BALANCER,
              Check.KEEPALIVED_SILENT,
              "Keepalived does",
              "keepalived",
              Facts::keepalived),
          new Service(
              Role.REPOSITORY,
              Check.REPOSITORY_SILENT,
              "pgBackRest's repository does",
              "pgbackrest",
              Facts::backups));

  private record Service(
      Role role,
      Check check,
      String subject,
      String unit,
      Function<Facts, FactsSection<?>> section) {}

  private ServiceChecks() {}

  static void run(ClusterFacts clusterFacts, Findings findings) {
    clusterFacts
        .answeringNodes(Role.POSTGRES)
        .forEach(node -> database(clusterFacts, node, findings));
    for (Service service : SERVICES) {
      clusterFacts
          .answeringNodes(service.role())
          .forEach(
              node ->
                  problem(service.section().apply(clusterFacts.answers().get(node).facts()))
                      .ifPresent(
                          why ->
                              report(
                                  service.check(),
                                  node,
                                  service.subject(),
                                  why,
                                  service.unit(),
                                  findings)));
    }
  }

  private static void database(ClusterFacts clusterFacts, String node, Findings findings) {
    Facts facts = clusterFacts.answers().get(node).facts();
    Optional<String> patroni =
        problem(facts.patroni())
            .or(() -> clusterFacts.of(node, Facts::patroni).flatMap(it -> problem(it.own())));
    Optional<String> postgresql = problem(facts.postgresql());
    if (patroni.isPresent()) {
      report(
          Check.PATRONI_SILENT,
          node,
          postgresql.isPresent() ? "Patroni and PostgreSQL do" : "Patroni does",
          patroni.get(),
          "patroni",
          findings);
    } else if (postgresql.isPresent() && !findings.found(node, Check.NO_LEADER)) {
      report(
          Check.POSTGRESQL_SILENT, node, "PostgreSQL does", postgresql.get(), "patroni", findings);
    }
    pool(clusterFacts, node, facts, findings);
  }

  private static void pool(ClusterFacts clusterFacts, String node, Facts facts, Findings findings) {
    Optional<String> why = problem(facts.pgbouncer());
    if (why.isEmpty()
        && !clusterFacts.of(node, Facts::pgbouncer, PgBouncerFacts::answers).orElse(true)) {
      why = Optional.of("clients do not get an answer");
    }
    boolean leads = clusterFacts.leads(node) && !clusterFacts.writes();
    Check check = leads ? Check.LEADER_POOL_SILENT : Check.POOL_SILENT;
    why.ifPresent(reason -> report(check, node, "PgBouncer does", reason, "pgbouncer", findings));
  }

  private static void report(
      Check check, String node, String subject, String why, String unit, Findings findings) {
    findings.add(
        check,
        node,
        "%s not answer on %s: %s.".formatted(subject, node, why),
        "sudo systemctl status %1$s; sudo journalctl -u %1$s -n 50, on %2$s".formatted(unit, node));
  }

  /** The reason why a section is missing; empty if it is present. */
  static Optional<String> problem(FactsSection<?> part) {
    if (part instanceof FactsSection.Failed<?> failed) {
      return Optional.of(failed.reason());
    }
    return part instanceof FactsSection.Absent<?>
        ? Optional.of("the machine reports nothing about it")
        : Optional.empty();
  }
}
