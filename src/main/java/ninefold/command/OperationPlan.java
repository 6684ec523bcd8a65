package ninefold.command;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import ninefold.description.Node;
import ninefold.description.Role;

/**
 * What an operation that is not refused will do.
 *
 * @param effects the effects that the operator should know, a sentence each
 * @param actions the commands to run, in order
 */
record OperationPlan(List<String> effects, List<Action> actions) {

  /**
   * One call of {@code templates/patroni/scripts/operate.sh}.
   *
   * @param node the node to run it on
   * @param arguments its arguments
   */
  record Action(String node, List<String> arguments) {
    /** Makes an immutable copy. */
    Action {
      arguments = List.copyOf(arguments);
    }
  }

  /** Makes immutable copies. */
  OperationPlan {
    effects = List.copyOf(effects);
    actions = List.copyOf(actions);
  }

  /** The plan of an operation that is not refused. */
  static OperationPlan of(Operation operation, Observation observation) {
    var standings = new MemberStandings(observation.cluster(), observation.verdict().overview());
    var contact = OperationRefusals.contact(observation).orElseThrow();
    var plan = plan(operation, standings, contact);
    if (standings.overview().backups().isEmpty() && !(operation instanceof Operation.Resume)) {
      var effects = new ArrayList<>(plan.effects());
      effects.add(
          "The repository does not answer, so a backup may be running, and this may make it fail.");
      return new OperationPlan(effects, plan.actions());
    }
    return plan;
  }

  private static OperationPlan plan(
      Operation operation, MemberStandings standings, String contact) {
    if (operation instanceof Operation.Switchover switchover) {
      return switchover(switchover.candidate(), standings, contact);
    } else if (operation instanceof Operation.Restart restart) {
      return restart(restart.member(), standings, contact);
    } else if (operation instanceof Operation.Reload reload) {
      return reload(members(reload.member(), standings));
    } else if (operation instanceof Operation.Reinit reinit) {
      return reinit(reinit.member(), standings, contact);
    }
    return operation instanceof Operation.Pause ? pause(contact) : resume(contact);
  }

  private static OperationPlan switchover(
      Optional<String> named, MemberStandings standings, String contact) {
    var leader = standings.overview().leader().orElseThrow();
    var candidate = named.or(() -> new SwitchoverCandidates(standings).best()).orElseThrow();
    return new OperationPlan(
        List.of(
            "%s becomes the leader; %s becomes a replica.".formatted(candidate, leader),
            "Client connections are closed, and clients have to connect again. Writes wait for some"
                + " seconds. No acknowledged write is lost."),
        List.of(new Action(contact, List.of("switchover", leader, candidate))));
  }

  /** Restarts the replicas first: if one does not come back, the leader still serves clients. */
  private static OperationPlan restart(
      Optional<String> named, MemberStandings standings, String contact) {
    var members = new ArrayList<>(members(named, standings));
    members.sort(Comparator.comparing(standings::leads));
    var effects = new ArrayList<String>();
    effects.add(
        "PostgreSQL restarts on these members, in this order: " + String.join(", ", members) + ".");
    members.stream()
        .filter(standings::leads)
        .forEach(
            leader ->
                effects.add(
                    leader
                        + " is the leader: client connections are closed, and writes wait until it is"
                        + " back. A switchover before the restart shortens that."));
    var arguments = new ArrayList<>(List.of("restart"));
    arguments.addAll(members);
    return new OperationPlan(effects, List.of(new Action(contact, arguments)));
  }

  private static OperationPlan reload(List<String> members) {
    return new OperationPlan(
        List.of(
            "Patroni and PostgreSQL read their configuration again on: "
                + String.join(", ", members)
                + ". Client connections stay open."),
        members.stream().map(name -> new Action(name, List.of("reload"))).toList());
  }

  private static OperationPlan reinit(String member, MemberStandings standings, String contact) {
    var effects = new ArrayList<String>();
    effects.add(
        "The data of %s is deleted and created again, from a backup or from the leader. This takes as"
                .formatted(member)
            + " long as copying the whole data directory.");
    var others = standings.goodReplicas().stream().filter(it -> !it.name().equals(member)).toList();
    if (others.isEmpty()) {
      effects.add(
          "Until then the leader has the only good copy: if it fails, no replica takes over.");
    }
    return new OperationPlan(effects, List.of(new Action(contact, List.of("reinit", member))));
  }

  private static OperationPlan pause(String contact) {
    return new OperationPlan(
        List.of(
            "Patroni is paused: if the leader fails, no replica takes over.",
            "The pause lasts until you run: ./ninefold resume"),
        List.of(new Action(contact, List.of("pause"))));
  }

  private static OperationPlan resume(String contact) {
    return new OperationPlan(
        List.of(
            "Patroni manages the cluster again: it restarts PostgreSQL if it stops, and replaces a"
                + " failed leader."),
        List.of(new Action(contact, List.of("resume"))));
  }

  private static List<String> members(Optional<String> named, MemberStandings standings) {
    return named
        .map(List::of)
        .orElseGet(
            () -> standings.cluster().nodes(Role.POSTGRES).stream().map(Node::name).toList());
  }
}
