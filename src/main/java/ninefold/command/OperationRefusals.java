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
 * Decides whether an operation may begin, from what was seen alone.
 *
 * @param seen what was seen
 * @param standing where the members stand
 */
record OperationRefusals(Observation seen, MemberStandings standing) {

  /** All that is in the way of an operation; nothing if it may begin. */
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

  /** The node that is asked to make the change: the leader if it answers, or another one. */
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
              "no database node's Patroni answers, so nobody can be asked for the change",
              "./ninefold status says why"));
    }
    mode(operation).ifPresent(refusals::add);
    lock().ifPresent(refusals::add);
    // Failover must come back also while a backup runs, which may take hours.
    if (!(operation instanceof Operation.Resume) && backupRuns()) {
      refusals.add(
          new Refusal(
              Reason.BACKUP_RUNS,
              "a backup runs, and might fail by the change",
              "wait until it has ended: ./ninefold status says whether it runs"));
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
                  Reason.NOT_PAUSED, "the cluster is not paused", "there is nothing to do"));
    }
    return paused
        ? Optional.of(
            new Refusal(
                Reason.PAUSED,
                "the cluster is paused: somebody works on it by hand",
                "once that has ended: ./ninefold resume"))
        : Optional.empty();
  }

  /** One member of etcd that tells is enough: it answers for all. */
  private Optional<Refusal> lock() {
    var prefix = "/ninefold/" + seen.cluster().name() + "/disruption";
    var locks = seen.known(Facts::etcd).values().stream().map(EtcdFacts::locks).toList();
    if (locks.stream().allMatch(it -> it.known().isEmpty())) {
      return Optional.of(
          new Refusal(
              Reason.LOCK_UNKNOWN,
              "no member of etcd tells whether another change is at work",
              "docs/operations/etcd.md"));
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
                    "another change is at work: it holds " + key,
                    "wait until it has ended, as a pulumi up or another operation does"));
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
                  + " leads, and no replica is as far: if it does not come back, nobody takes over",
              "bring a replica back first: ./ninefold status says what is wrong"));
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
              member + " leads: its data are those that the others are made from",
              "./ninefold switchover first"));
    } else if (seen.cluster().durability() == Durability.STRICT && onlyReplica(member)) {
      refusals.add(
          new Refusal(
              Reason.WRITES_WOULD_WAIT,
              member
                  + " is the only good replica, and with durability strict every commit would wait"
                  + " until its data are made anew",
              "bring another replica back first"));
    }
    return refusals;
  }

  private boolean onlyReplica(String member) {
    var good = standing.goodReplicas();
    return good.size() == 1 && good.get(0).name().equals(member);
  }

  /** The members that an operation concerns are described, and their Patroni answers. */
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
                "the Patroni of " + name + " does not answer",
                "./ninefold status " + name + " says why"));
      }
    }
    return refusals;
  }

  private static Refusal noLeader() {
    return new Refusal(Reason.NO_LEADER, "nobody leads", "docs/operations/failover.md");
  }

  static Refusal notDescribed(String name, Cluster cluster) {
    return new Refusal(
        Reason.NOT_DESCRIBED,
        "the description has no database node " + name,
        "name one of these: "
            + cluster.nodes(Role.POSTGRES).stream().map(Node::name).collect(joining(", ")));
  }
}
