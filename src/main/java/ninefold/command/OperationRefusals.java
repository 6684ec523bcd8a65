package ninefold.command;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import ninefold.command.Refusal.Reason;
import ninefold.description.Cluster;
import ninefold.description.Durability;
import ninefold.description.Node;
import ninefold.description.Role;
import ninefold.verdict.ClusterOverview;
import ninefold.verdict.EtcdFacts;
import ninefold.verdict.Facts;

/**
 * Decides from an observation whether an operation may start.
 *
 * @param seen the observed cluster
 * @param standing the state of its members
 */
record OperationRefusals(Observation seen, MemberStandings standing) {

  /** All reasons against an operation; empty if it may start. */
  static List<Refusal> of(Operation operation, Observation seen) {
    var standing = new MemberStandings(seen.cluster(), seen.verdict().picture());
    var decision = new OperationRefusals(seen, standing);
    var refusals = new ArrayList<>(decision.always(operation));
    if (operation instanceof Operation.Switchover switchover) {
      refusals.addAll(decision.switchover(switchover));
    } else if (operation instanceof Operation.Restart restart) {
      refusals.addAll(decision.restart(restart));
    } else if (operation instanceof Operation.Reload reload) {
      refusals.addAll(decision.reload(reload));
    } else if (operation instanceof Operation.Reinit reinit) {
      refusals.addAll(decision.reinit(reinit.member()));
    }
    return List.copyOf(refusals);
  }

  /** The node that runs the change: the leader if it answers, otherwise a different one. */
  static Optional<String> contact(Observation seen) {
    var answering = seen.patronis();
    return seen.verdict()
        .picture()
        .leader()
        .filter(answering::contains)
        .or(() -> answering.stream().findFirst());
  }

  private List<Refusal> always(Operation operation) {
    var refusals = new ArrayList<Refusal>();
    if (contact(seen).isEmpty()) {
      refusals.add(
          new Refusal(
              Reason.NOBODY_ANSWERS,
              "Patroni does not answer on any database node, so it cannot be asked for the change",
              "./ninefold status shows the reason"));
    }
    mode(operation).ifPresent(refusals::add);
    lock().ifPresent(refusals::add);
    // A backup may take hours, and must not delay the end of a pause, during which failover is off.
    if (!(operation instanceof Operation.Resume) && backupRuns()) {
      refusals.add(
          new Refusal(
              Reason.BACKUP_RUNS,
              "a backup is running, and the change may make it fail",
              "wait until it has finished: ./ninefold status shows whether it is running"));
    }
    return refusals;
  }

  private Optional<Refusal> mode(Operation operation) {
    var paused = standing.picture().paused();
    if (operation instanceof Operation.Resume) {
      return paused
          ? Optional.empty()
          : Optional.of(
              new Refusal(
                  Reason.NOT_PAUSED, "the cluster is not paused", "nothing to do"));
    }
    return paused
        ? Optional.of(
            new Refusal(
                Reason.PAUSED,
                "the cluster is paused, probably for manual work",
                "when that work is finished: ./ninefold resume"))
        : Optional.empty();
  }

  /** One etcd member that answers is enough, because all have the same locks. */
  private Optional<Refusal> lock() {
    var prefix = "/ninefold/" + seen.cluster().name() + "/disruption";
    var locks = seen.known(Facts::etcd).values().stream().map(EtcdFacts::locks).toList();
    if (locks.stream().allMatch(it -> it.known().isEmpty())) {
      return Optional.of(
          new Refusal(
              Reason.LOCK_UNKNOWN,
              "no etcd member answers, so it is not known whether another change is running",
              "bring etcd back first: docs/operations/etcd.md"));
    }
    return locks.stream()
        .flatMap(it -> it.known().stream())
        .flatMap(List::stream)
        .map(EtcdFacts.Lock::key)
        .filter(key -> key.startsWith(prefix))
        .findFirst()
        .map(
            key ->
                new Refusal(
                    Reason.LOCKED,
                    "another change is running: it holds the cluster's lock in etcd, " + key,
                    "wait until it has finished; it is a pulumi up or a different operation"));
  }

  private boolean backupRuns() {
    return standing.picture().backups().filter(ClusterOverview.Backups::running).isPresent();
  }

  private List<Refusal> switchover(Operation.Switchover switchover) {
    if (standing.picture().leader().isEmpty()) {
      return List.of(noLeader());
    }
    var candidates = new SwitchoverCandidates(standing);
    if (switchover.candidate().isPresent()) {
      return candidates.refusals(switchover.candidate().get());
    }
    return candidates.best().isPresent() ? List.of() : candidates.none();
  }

  private List<Refusal> restart(Operation.Restart restart) {
    var refusals = new ArrayList<>(reached(restart.member()));
    if (standing.picture().leader().isEmpty()) {
      refusals.add(noLeader());
    } else if (restart.member().map(standing::leads).orElse(true)
        && standing.goodReplicas().isEmpty()) {
      refusals.add(
          new Refusal(
              Reason.ONLY_COPY,
              standing.picture().leader().get()
                  + " is the leader, and there is no good replica: if it does not come back, no"
                  + " replica takes over",
              "bring a replica back first: ./ninefold status shows what is wrong"));
    }
    return refusals;
  }

  private List<Refusal> reload(Operation.Reload reload) {
    return reached(reload.member());
  }

  private List<Refusal> reinit(String member) {
    var refusals = new ArrayList<>(reached(Optional.of(member)));
    var leader = standing.picture().leader();
    if (leader.isEmpty()) {
      refusals.add(noLeader());
    } else if (standing.leads(member)) {
      refusals.add(
          new Refusal(
              Reason.ONLY_COPY,
              member + " is the leader, so it has the data that replicas are created from",
              "run ./ninefold switchover first"));
    } else if (seen.cluster().durability() == Durability.STRICT && onlyReplica(member)) {
      refusals.add(
          new Refusal(
              Reason.WRITES_WOULD_WAIT,
              member
                  + " is the only good replica: with durability strict, every commit would wait until"
                  + " its data is complete again",
              "bring a second replica back first"));
    }
    return refusals;
  }

  private boolean onlyReplica(String member) {
    var good = standing.goodReplicas();
    return good.size() == 1 && good.get(0).name().equals(member);
  }

  /** Requires that the members are in the description and that their Patroni answers. */
  private List<Refusal> reached(Optional<String> member) {
    var names =
        member
            .map(List::of)
            .orElseGet(() -> seen.cluster().nodes(Role.POSTGRES).stream().map(Node::name).toList());
    var answering = seen.patronis();
    var refusals = new ArrayList<Refusal>();
    for (var name : names) {
      if (standing.node(name).isEmpty()) {
        refusals.add(notDescribed(name, seen.cluster()));
      } else if (!answering.contains(name)) {
        refusals.add(
            new Refusal(
                Reason.NOT_ANSWERING,
                "Patroni on " + name + " does not answer",
                "./ninefold status " + name + " shows the reason"));
      }
    }
    return refusals;
  }

  private static Refusal noLeader() {
    return new Refusal(
        Reason.NO_LEADER,
        "the cluster has no leader",
        "docs/operations/failover.md, There is no leader");
  }

  static Refusal notDescribed(String name, Cluster cluster) {
    return new Refusal(
        Reason.NOT_DESCRIBED,
        "the description has no database node " + name,
        "choose one of: "
            + cluster.nodes(Role.POSTGRES).stream().map(Node::name).collect(joining(", ")));
  }
}
