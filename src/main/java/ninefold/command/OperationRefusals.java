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
 * @param observation the observed cluster
 * @param standings the state of its members
 */
record OperationRefusals(Observation observation, MemberStandings standings) {

  /** All reasons against an operation; empty if it may start. */
  static List<Refusal> of(Operation operation, Observation observation) {
    var standings = new MemberStandings(observation.cluster(), observation.verdict().overview());
    var decision = new OperationRefusals(observation, standings);
    var refusals = new ArrayList<>(decision.common(operation));
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
  static Optional<String> contact(Observation observation) {
    var answering = observation.nodesWithPatroni();
    return observation
        .verdict()
        .overview()
        .leader()
        .filter(answering::contains)
        .or(() -> answering.stream().findFirst());
  }

  private List<Refusal> common(Operation operation) {
    var refusals = new ArrayList<Refusal>();
    if (contact(observation).isEmpty()) {
      refusals.add(
          new Refusal(
              Reason.NOBODY_ANSWERS,
              "Patroni does not answer on any database node, so it cannot be asked for the change",
              "./ninefold status shows the reason"));
    }
    mode(operation).ifPresent(refusals::add);
    lock(observation).ifPresent(refusals::add);
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
    var paused = standings.overview().paused();
    if (operation instanceof Operation.Resume) {
      return paused
          ? Optional.empty()
          : Optional.of(
              new Refusal(Reason.NOT_PAUSED, "the cluster is not paused", "nothing to do"));
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
  static Optional<Refusal> lock(Observation observation) {
    var prefix = "/ninefold/" + observation.cluster().name() + "/disruption";
    var locks = observation.known(Facts::etcd).values().stream().map(EtcdFacts::locks).toList();
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
    return standings.overview().backups().filter(ClusterOverview.Backups::running).isPresent();
  }

  private List<Refusal> switchover(Operation.Switchover switchover) {
    if (standings.overview().leader().isEmpty()) {
      return List.of(noLeader());
    }
    var candidates = new SwitchoverCandidates(standings);
    if (switchover.candidate().isPresent()) {
      return candidates.refusals(switchover.candidate().get());
    }
    return candidates.best().isPresent() ? List.of() : candidates.noCandidate();
  }

  private List<Refusal> restart(Operation.Restart restart) {
    var refusals = new ArrayList<>(unreachable(restart.member()));
    if (standings.overview().leader().isEmpty()) {
      refusals.add(noLeader());
    } else if (restart.member().map(standings::leads).orElse(true)
        && standings.goodReplicas().isEmpty()) {
      refusals.add(
          new Refusal(
              Reason.ONLY_COPY,
              standings.overview().leader().get()
                  + " is the leader, and there is no good replica: if it does not come back, no"
                  + " replica takes over",
              "bring a replica back first: ./ninefold status shows what is wrong"));
    }
    return refusals;
  }

  private List<Refusal> reload(Operation.Reload reload) {
    return unreachable(reload.member());
  }

  private List<Refusal> reinit(String member) {
    var refusals = new ArrayList<>(unreachable(Optional.of(member)));
    var leader = standings.overview().leader();
    if (leader.isEmpty()) {
      refusals.add(noLeader());
    } else if (standings.leads(member)) {
      refusals.add(
          new Refusal(
              Reason.ONLY_COPY,
              member + " is the leader, so it has the data that replicas are created from",
              "run ./ninefold switchover first"));
    } else if (observation.cluster().durability() == Durability.STRICT && onlyReplica(member)) {
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
    var good = standings.goodReplicas();
    return good.size() == 1 && good.get(0).name().equals(member);
  }

  /** Requires that the members are in the description and that their Patroni answers. */
  private List<Refusal> unreachable(Optional<String> member) {
    var names =
        member
            .map(List::of)
            .orElseGet(
                () -> observation.cluster().nodes(Role.POSTGRES).stream().map(Node::name).toList());
    var answering = observation.nodesWithPatroni();
    var refusals = new ArrayList<Refusal>();
    for (var name : names) {
      if (standings.node(name).isEmpty()) {
        refusals.add(notDescribed(name, observation.cluster()));
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
