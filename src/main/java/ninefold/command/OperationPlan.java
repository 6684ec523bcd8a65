package ninefold.command;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import ninefold.description.Node;
import ninefold.description.Role;

/**
 * What an operation would do, once nothing is in its way.
 *
 * @param effects what would happen, a sentence each
 * @param actions who is told what, in order
 */
record OperationPlan(List<String> effects, List<Action> actions) {

  /**
   * One call of {@code templates/patroni/scripts/operate.sh}.
   *
   * @param node the node it runs on
   * @param words what it is told
   */
  record Action(String node, List<String> words) {
    /** Keeps a copy that cannot be changed. */
    Action {
      words = List.copyOf(words);
    }
  }

  /** Keeps copies that cannot be changed. */
  OperationPlan {
    effects = List.copyOf(effects);
    actions = List.copyOf(actions);
  }

  /** The plan of an operation that is not refused. */
  static OperationPlan of(Operation operation, Observation seen) {
    var standing = new MemberStandings(seen.cluster(), seen.verdict().picture());
    var contact = OperationRefusals.contact(seen).orElseThrow();
    var plan = plan(operation, standing, contact);
    if (standing.picture().backups().isEmpty() && !(operation instanceof Operation.Resume)) {
      var effects = new ArrayList<>(plan.effects());
      effects.add("The repository does not tell whether a backup runs; one that does might fail.");
      return new OperationPlan(effects, plan.actions());
    }
    return plan;
  }

  private static OperationPlan plan(Operation operation, MemberStandings standing, String contact) {
    if (operation instanceof Operation.Switchover switchover) {
      return switchover(switchover.candidate(), standing, contact);
    } else if (operation instanceof Operation.Restart restart) {
      return restart(restart.member(), standing, contact);
    } else if (operation instanceof Operation.Reload reload) {
      return reload(members(reload.member(), standing));
    } else if (operation instanceof Operation.Reinit reinit) {
      return reinit(reinit.member(), standing, contact);
    }
    return operation instanceof Operation.Pause ? pause(contact) : resume(contact);
  }

  private static OperationPlan switchover(
      Optional<String> named, MemberStandings standing, String contact) {
    var leader = standing.picture().leader().orElseThrow();
    var candidate = named.or(() -> new SwitchoverCandidates(standing).best()).orElseThrow();
    return new OperationPlan(
        List.of(
            "%s leads instead of %s, which follows as a replica.".formatted(candidate, leader),
            "Clients' sessions are cut and connect again; writes wait for some seconds. No"
                + " acknowledged write is lost."),
        List.of(new Action(contact, List.of("switchover", leader, candidate))));
  }

  /** Replicas come first: where one does not come back, the leader still serves. */
  private static OperationPlan restart(
      Optional<String> named, MemberStandings standing, String contact) {
    var members = new ArrayList<>(members(named, standing));
    members.sort(Comparator.comparing(standing::leads));
    var effects = new ArrayList<String>();
    effects.add("PostgreSQL is restarted, in this order: " + String.join(", ", members) + ".");
    members.stream()
        .filter(standing::leads)
        .forEach(
            leader ->
                effects.add(
                    leader
                        + " leads: clients' sessions are cut, and writes wait until it is back."
                        + " A switchover before makes that shorter."));
    var words = new ArrayList<>(List.of("restart"));
    words.addAll(members);
    return new OperationPlan(effects, List.of(new Action(contact, words)));
  }

  private static OperationPlan reload(List<String> members) {
    return new OperationPlan(
        List.of(
            "Patroni and PostgreSQL read their files anew on: "
                + String.join(", ", members)
                + ". Sessions go on."),
        members.stream().map(name -> new Action(name, List.of("reload"))).toList());
  }

  private static OperationPlan reinit(String member, MemberStandings standing, String contact) {
    var effects = new ArrayList<String>();
    effects.add(
        "The data of %s are removed and made anew, from a backup or from the leader; that takes as"
                .formatted(member)
            + " long as copying them.");
    var others = standing.goodReplicas().stream().filter(it -> !it.name().equals(member)).toList();
    if (others.isEmpty()) {
      effects.add("Meanwhile the leader has the only copy: nobody takes over if it fails.");
    }
    return new OperationPlan(effects, List.of(new Action(contact, List.of("reinit", member))));
  }

  private static OperationPlan pause(String contact) {
    return new OperationPlan(
        List.of(
            "Patroni lets everything be: nobody takes over from a leader that fails.",
            "It stays so until: ./ninefold resume"),
        List.of(new Action(contact, List.of("pause"))));
  }

  private static OperationPlan resume(String contact) {
    return new OperationPlan(
        List.of("Patroni acts again: it restarts what stopped, and replaces a leader that fails."),
        List.of(new Action(contact, List.of("resume"))));
  }

  private static List<String> members(Optional<String> named, MemberStandings standing) {
    return named
        .map(List::of)
        .orElseGet(() -> standing.cluster().nodes(Role.POSTGRES).stream().map(Node::name).toList());
  }
}
