package ninefold.verdict;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import ninefold.description.Durability;
import ninefold.description.Node;
import ninefold.description.Role;

/** Checks that every database node is a member, and that each replica keeps up with the leader. */
final class ReplicationChecks {
  private static final Set<String> HEALTHY_STATES = Set.of("running", "streaming");
  private static final Set<String> SYNCHRONOUS = Set.of("sync", "quorum");
  private static final String MEMBERS =
      "patronictl -c /etc/patroni/config.d list on a database node";
  private static final long MILLION = 1_000_000;

  private final ClusterFacts clusterFacts;
  private final Findings findings;

  private ReplicationChecks(ClusterFacts clusterFacts, Findings findings) {
    this.clusterFacts = clusterFacts;
    this.findings = findings;
  }

  static void run(ClusterFacts clusterFacts, Findings findings) {
    ReplicationChecks checks = new ReplicationChecks(clusterFacts, findings);
    clusterFacts.view().ifPresent(checks::members);
    checks.synchronous();
    checks.pause();
    clusterFacts
        .leaderPostgresql()
        .flatMap(it -> it.xidAge().known())
        .ifPresent(age -> checks.transactions(clusterFacts.leader().orElseThrow(), age));
  }

  private void members(PatroniFacts.View view) {
    List<String> described =
        clusterFacts.cluster().nodes(Role.POSTGRES).stream().map(Node::name).toList();
    for (PatroniFacts.Member member : view.members()) {
      if (!described.contains(member.name())
          && !findings.found(member.name(), Check.LEADER_UNKNOWN)) {
        findings.add(
            Check.MEMBER_UNKNOWN,
            member.name(),
            member.name() + " is a member in Patroni, but not a database node in the description.",
            "if you have just removed it, this pulumi up stops it at its end; otherwise add it to the"
                + " description, or stop Patroni there; docs/operations/adding-and-removing.md");
      }
    }
    clusterFacts.answeringNodes(Role.POSTGRES).forEach(this::member);
  }

  private void member(String name) {
    // A service that does not answer explains the state of its member.
    if (findings.found(name, Check.PATRONI_SILENT, Check.POSTGRESQL_SILENT, Check.NO_LEADER)) {
      return;
    }
    Optional<PatroniFacts.Member> member = clusterFacts.member(name);
    if (member.isEmpty()) {
      findings.add(
          Check.MEMBER_MISSING,
          name,
          name + " is a database node in the description, but not a member in Patroni.",
          "look at journalctl -u patroni on " + name);
    } else if (!HEALTHY_STATES.contains(member.get().state())) {
      findings.add(
          Check.MEMBER_STATE,
          name,
          "%s is in state '%s' instead of running or streaming."
              .formatted(name, member.get().state()),
          "look at journalctl -u patroni on %1$s; if that does not help: ./ninefold reinit %1$s"
              .formatted(name));
    } else if (!member.get().leads() && clusterFacts.leader().isPresent()) {
      follows(member.get(), clusterFacts.leader().get());
    }
  }

  private void follows(PatroniFacts.Member member, String leader) {
    String name = member.name();
    Optional<Long> timeline = clusterFacts.member(leader).flatMap(PatroniFacts.Member::timeline);
    String next =
        "look at journalctl -u patroni on %1$s; if it does not recover: ./ninefold reinit %1$s"
            .formatted(name);
    if (member.timeline().isPresent()
        && timeline.isPresent()
        && !timeline.equals(member.timeline())) {
      findings.add(
          Check.MEMBER_TIMELINE,
          name,
          "%s is on timeline %d, but the leader %s is on %d."
              .formatted(name, member.timeline().get(), leader, timeline.get()),
          next);
    } else if (!isStreaming(member)) {
      findings.add(
          Check.MEMBER_NOT_STREAMING,
          name,
          "%s is in state '%s', but does not stream from the leader %s."
              .formatted(name, member.state(), leader),
          next);
    } else {
      lag(name, leader);
    }
  }

  /** Asks PostgreSQL on the leader; if its answer is not known, Patroni. */
  private boolean isStreaming(PatroniFacts.Member member) {
    boolean known =
        clusterFacts.leaderPostgresql().flatMap(it -> it.replicas().known()).isPresent();
    return known
        ? clusterFacts.stream(member.name()).filter(ClusterFacts::streams).isPresent()
        : member.state().equals("streaming");
  }

  private void lag(String name, String leader) {
    long limit = clusterFacts.cluster().health().replicationLag().bytes();
    Optional<Long> lag = clusterFacts.lag(name);
    if (lag.isEmpty()) {
      findings.add(
          Check.FACT_MISSING,
          name,
          "It is not known how far " + name + " is behind the leader " + leader + ".",
          MEMBERS);
    } else if (lag.get() > limit) {
      findings.add(
          Check.MEMBER_LAG,
          name,
          "%s is %s behind the leader %s; the limit is %s."
              .formatted(name, FindingText.bytes(lag.get()), leader, FindingText.bytes(limit)),
          "check disk, network and long queries on %s; health.replicationLag sets the limit"
              .formatted(name));
    }
  }

  private void synchronous() {
    Optional<PostgresqlFacts> leading = clusterFacts.leaderPostgresql();
    if (leading.isEmpty() || leading.get().replicas().known().isEmpty()) {
      return;
    }
    String leader = clusterFacts.leader().orElseThrow();
    List<PostgresqlFacts.Replica> streams =
        leading.get().replicas().known().get().stream().filter(ClusterFacts::streams).toList();
    boolean others =
        clusterFacts.answeringNodes(Role.POSTGRES).anyMatch(name -> !name.equals(leader));
    if (!others && streams.isEmpty()) {
      findings.add(
          Check.LAST_COPY,
          leader,
          leader + " has the only copy of the data: no other database node answers or streams.",
          "bring a database node back: docs/operations/lost-node.md");
    } else if (clusterFacts.cluster().durability() != Durability.ASYNC) {
      standby(leader, streams);
    }
  }

  private void standby(String leader, List<PostgresqlFacts.Replica> streams) {
    boolean postgresql = streams.stream().anyMatch(it -> SYNCHRONOUS.contains(it.sync()));
    boolean patroni =
        clusterFacts
            .view()
            .map(view -> view.members().stream().anyMatch(PatroniFacts.Member::synchronous))
            .orElse(true);
    if (!postgresql || !patroni) {
      String durability = clusterFacts.cluster().durability().name().toLowerCase(Locale.ROOT);
      findings.add(
          Check.SYNC_STANDBY_MISSING,
          "%s has no synchronous replica according to %s, but durability is %s."
              .formatted(leader, postgresql ? "Patroni's /sync" : "PostgreSQL", durability),
          "wait for Patroni's next cycle; if that does not help: " + MEMBERS);
    }
  }

  private void pause() {
    if (clusterFacts.view().filter(PatroniFacts.View::paused).isPresent()) {
      findings.add(
          Check.PAUSED,
          "Patroni is paused: if the leader fails, no other node takes over.",
          "./ninefold resume");
    }
  }

  private void transactions(String leader, long age) {
    long limit = clusterFacts.cluster().health().transactionAge() * MILLION;
    if (age > limit) {
      findings.add(
          Check.TRANSACTION_AGE,
          leader,
          ("The oldest transaction ID that is not frozen is %s million transactions old; the limit"
                  + " is %d million, and at 2,147 million PostgreSQL refuses writes.")
              .formatted(FindingText.decimal((double) age / MILLION), limit / MILLION),
          "end old transactions and prepared ones (pg_stat_activity, pg_prepared_xacts), then run"
              + " VACUUM FREEZE in the oldest database");
    }
  }
}
