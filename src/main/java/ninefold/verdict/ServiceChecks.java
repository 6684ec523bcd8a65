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

  static void run(ClusterFacts situation, Findings findings) {
    situation.toldNodes(Role.POSTGRES).forEach(node -> database(situation, node, findings));
    for (Service service : SERVICES) {
      situation
          .toldNodes(service.role())
          .forEach(
              node ->
                  why(service.section().apply(situation.told().get(node).facts()))
                      .ifPresent(
                          why ->
                              tell(
                                  service.check(),
                                  node,
                                  service.subject(),
                                  why,
                                  service.unit(),
                                  findings)));
    }
  }

  private static void database(ClusterFacts situation, String node, Findings findings) {
    Facts facts = situation.told().get(node).facts();
    Optional<String> patroni =
        why(facts.patroni())
            .or(() -> situation.of(node, Facts::patroni).flatMap(it -> why(it.own())));
    Optional<String> postgresql = why(facts.postgresql());
    if (patroni.isPresent()) {
      tell(
          Check.PATRONI_SILENT,
          node,
          postgresql.isPresent() ? "Patroni and PostgreSQL do" : "Patroni does",
          patroni.get(),
          "patroni",
          findings);
    } else if (postgresql.isPresent() && !findings.found(node, Check.NO_LEADER)) {
      tell(Check.POSTGRESQL_SILENT, node, "PostgreSQL does", postgresql.get(), "patroni", findings);
    }
    pool(situation, node, facts, findings);
  }

  private static void pool(ClusterFacts situation, String node, Facts facts, Findings findings) {
    Optional<String> why = why(facts.pgbouncer());
    if (why.isEmpty()
        && !situation.of(node, Facts::pgbouncer, PgBouncerFacts::answers).orElse(true)) {
      why = Optional.of("clients do not get an answer");
    }
    boolean leads = situation.leads(node) && !situation.writes();
    Check check = leads ? Check.LEADER_POOL_SILENT : Check.POOL_SILENT;
    why.ifPresent(reason -> tell(check, node, "PgBouncer does", reason, "pgbouncer", findings));
  }

  private static void tell(
      Check check, String node, String subject, String why, String unit, Findings findings) {
    findings.add(
        check,
        node,
        "%s not answer on %s: %s.".formatted(subject, node, why),
        "sudo systemctl status %1$s; sudo journalctl -u %1$s -n 50, on %2$s".formatted(unit, node));
  }

  /** The reason why a section is missing; empty if it is present. */
  static Optional<String> why(FactsSection<?> part) {
    if (part instanceof FactsSection.Failed<?> failed) {
      return Optional.of(failed.reason());
    }
    return part instanceof FactsSection.Absent<?>
        ? Optional.of("the machine reports nothing about it")
        : Optional.empty();
  }
}
