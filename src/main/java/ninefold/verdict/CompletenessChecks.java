package ninefold.verdict;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import ninefold.description.Node;
import ninefold.description.Role;

/**
 * Checks that each machine reported everything that its roles require. It covers what no other
 * check reports as missing, so that no check is skipped unnoticed.
 */
final class CompletenessChecks {
  private final ClusterFacts clusterFacts;
  private final Findings findings;
  private final Map<String, FactsSection<?>> parts = new LinkedHashMap<>();

  private CompletenessChecks(ClusterFacts clusterFacts, Findings findings) {
    this.clusterFacts = clusterFacts;
    this.findings = findings;
  }

  static void run(ClusterFacts clusterFacts, Findings findings) {
    for (Node node : clusterFacts.cluster().nodes()) {
      clusterFacts
          .facts(node.name())
          .ifPresent(facts -> new CompletenessChecks(clusterFacts, findings).machine(node, facts));
    }
  }

  private void machine(Node node, Facts facts) {
    common(facts);
    if (node.is(Role.POSTGRES)) {
      database(node, facts);
    }
    if (node.is(Role.ETCD)) {
      etcd(node, facts);
    }
    if (node.is(Role.BALANCER)) {
      balancer(facts);
    }
    if (node.is(Role.REPOSITORY)) {
      facts.backups().known().ifPresent(this::repository);
    }
    List<String> problems = new ArrayList<>();
    parts.forEach(
        (name, part) ->
            ServiceChecks.problem(part)
                .ifPresent(why -> problems.add("%s is not known (%s)".formatted(name, why))));
    findings.addAll(
        Check.FACT_MISSING,
        node.name(),
        problems,
        "sudo /usr/local/lib/ninefold/facts on " + node.name());
  }

  private void common(Facts facts) {
    parts.put("machine", facts.machine());
    facts
        .machine()
        .known()
        .ifPresent(
            machine -> {
              parts.put("machine.mounts", machine.mounts());
              if (clusterFacts.cluster().time().manage()
                  || machine.clock() instanceof FactsSection.Failed) {
                parts.put("machine.clock", machine.clock());
              }
            });
    parts.put("conformity", facts.conformity());
    facts
        .conformity()
        .known()
        .ifPresent(
            conformity -> {
              parts.put("conformity.units", conformity.units());
              parts.put("conformity.packages", conformity.packages());
              parts.put("conformity.files", conformity.files());
              parts.put("conformity.unfinished", conformity.unfinished());
            });
    parts.put("certificates", facts.certificates());
    facts.certificates().known().stream()
        .flatMap(List::stream)
        .filter(it -> it.served() instanceof FactsSection.Failed)
        .forEach(it -> parts.put("the certificate that " + it.service() + " serves", it.served()));
  }

  private void database(Node node, Facts facts) {
    // Without etcd, Patroni cannot read what it stores there.
    if (!findings.found(Check.ETCD_QUORUM) && !findings.found(node.name(), Check.PATRONI_SILENT)) {
      facts.patroni().known().ifPresent(patroni -> patroni(node, patroni));
    }
    facts
        .postgresql()
        .known()
        .ifPresent(
            postgresql -> {
              parts.put("postgresql.settings", postgresql.settings());
              parts.put("postgresql.slots", postgresql.slots());
              parts.put("postgresql.archiver", postgresql.archiver());
              parts.put("postgresql.waiting", postgresql.waiting());
              parts.put("postgresql.databases", postgresql.databases());
              parts.put("postgresql.roles", postgresql.roles());
              parts.put("postgresql.changedPasswords", postgresql.changedPasswords());
              parts.put("postgresql.xidAge", postgresql.xidAge());
              if (!postgresql.recovery()) {
                parts.put("postgresql.replicas", postgresql.replicas());
              }
            });
    facts
        .pgbouncer()
        .known()
        .ifPresent(
            pool -> {
              parts.put("pgbouncer.config", pool.config());
              parts.put("pgbouncer.databases", pool.databases());
              parts.put("pgbouncer.pools", pool.pools());
              parts.put("pgbouncer.answers", pool.answers());
            });
  }

  private void patroni(Node node, PatroniFacts patroni) {
    parts.put("patroni.members", patroni.members());
    parts.put("patroni.configuration", patroni.configuration());
    if (node.equals(clusterFacts.cluster().nodes(Role.POSTGRES).get(0))) {
      parts.put("patroni.described", patroni.described());
    }
  }

  private void etcd(Node node, Facts facts) {
    // Without a leader, a member cannot answer requests that need a quorum.
    if (findings.found(Check.ETCD_QUORUM) || findings.found(node.name(), Check.ETCD_MEMBER_APART)) {
      return;
    }
    facts
        .etcd()
        .known()
        .ifPresent(
            etcd -> {
              parts.put("etcd.members", etcd.members());
              parts.put("etcd.alarms", etcd.alarms());
            });
  }

  private void balancer(Facts facts) {
    facts
        .haproxy()
        .known()
        .ifPresent(
            haproxy -> {
              parts.put("haproxy.servers", haproxy.servers());
              parts.put("haproxy.frontends", haproxy.frontends());
            });
    parts.put("path", facts.path());
    facts
        .path()
        .known()
        .ifPresent(
            path -> {
              // WRITE_FAILS and READ_FAILS report failures.
              if (path.write() instanceof FactsSection.Absent) {
                parts.put("path.write", path.write());
              }
              if (path.read() instanceof FactsSection.Absent) {
                parts.put("path.read", path.read());
              }
            });
  }

  private void repository(BackupFacts backups) {
    parts.put("backups.backups", backups.backups());
    parts.put("backups.archive", backups.archive());
    parts.put("backups.jobs", backups.jobs());
  }
}
