package ninefold.verdict;

import static java.util.stream.Collectors.toSet;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import ninefold.description.Node;
import ninefold.description.Role;
import ninefold.description.Slot;

/**
 * Whether the slots keep what the members need. On the leader each member streams by a slot of its
 * own; on a replica Patroni keeps slots that nobody uses. A described slot is to be there. Whether
 * somebody uses it is its user's affair, as of any other slot, unless it has lost its WAL.
 */
final class SlotChecks {
  private static final Set<String> LOST = Set.of("lost", "unreserved");

  private SlotChecks() {}

  static void run(ClusterFacts situation, Findings findings) {
    situation
        .toldNodes(Role.POSTGRES)
        .forEach(
            node ->
                situation
                    .of(node, Facts::postgresql, PostgresqlFacts::slots)
                    .ifPresent(slots -> lost(situation, node, slots, findings)));
    if (situation.leading().isPresent()) {
      String leader = situation.leader().orElseThrow();
      situation
          .leading()
          .flatMap(it -> it.slots().known())
          .ifPresent(
              slots -> {
                members(situation, leader, slots, findings);
                described(situation, leader, slots, findings);
              });
    }
  }

  private static void lost(
      ClusterFacts situation, String node, List<PostgresqlFacts.Slot> slots, Findings findings) {
    Set<String> streaming =
        situation.leads(node)
            ? situation.leading().flatMap(it -> it.replicas().known()).stream()
                .flatMap(List::stream)
                .filter(ClusterFacts::streams)
                .map(it -> Slot.ofMember(it.name()))
                .collect(toSet())
            : Set.of();
    List<String> problems =
        slots.stream()
            .filter(slot -> slot.status().filter(LOST::contains).isPresent())
            .map(
                slot ->
                    "slot %s is %s%s"
                        .formatted(
                            slot.name(),
                            slot.status().orElseThrow(),
                            streaming.contains(slot.name())
                                ? ", and holds nothing back for the member that streams by it"
                                : ""))
            .toList();
    findings.addAll(
        Check.SLOT_LOST, node, problems, "docs/operations/full-disk.md, A slot that was lost");
  }

  private static void members(
      ClusterFacts situation, String leader, List<PostgresqlFacts.Slot> slots, Findings findings) {
    for (Node node : situation.cluster().nodes(Role.POSTGRES)) {
      String name = node.name();
      if (!name.equals(leader) && !situation.silent(name) && !told(name, findings)) {
        member(name, leader, slots, findings);
      }
    }
  }

  /** Whether it was said already why the member doesn't stream. */
  private static boolean told(String member, Findings findings) {
    return findings.found(
        member,
        Check.PATRONI_SILENT,
        Check.POSTGRESQL_SILENT,
        Check.MEMBER_MISSING,
        Check.MEMBER_STATE,
        Check.MEMBER_TIMELINE,
        Check.MEMBER_NOT_STREAMING);
  }

  private static void member(
      String name, String leader, List<PostgresqlFacts.Slot> slots, Findings findings) {
    Optional<PostgresqlFacts.Slot> slot =
        slots.stream().filter(it -> it.name().equals(Slot.ofMember(name))).findFirst();
    if (slot.isEmpty()) {
      findings.add(
          Check.SLOT_MISSING,
          name,
          name + " has no slot on the leader " + leader + ": its WAL may go before it has it.",
          "look at journalctl -u patroni on " + leader);
    } else if (!slot.get().active() && slot.get().status().filter(LOST::contains).isEmpty()) {
      findings.add(
          Check.SLOT_INACTIVE,
          name,
          "Nobody streams by the slot of " + name + " on the leader " + leader + ".",
          "look at journalctl -u patroni on " + name);
    }
  }

  /** Patroni makes a described slot in its next round, and says why it can't. */
  private static void described(
      ClusterFacts situation, String leader, List<PostgresqlFacts.Slot> slots, Findings findings) {
    Set<String> there = slots.stream().map(PostgresqlFacts.Slot::name).collect(toSet());
    List<String> missing =
        situation.cluster().postgresql().slots().stream()
            .map(Slot::name)
            .filter(name -> !there.contains(name))
            .toList();
    if (!missing.isEmpty()) {
      findings.add(
          Check.SLOT_MISSING,
          leader,
          "The description has %s, which %s lacks."
              .formatted("slot " + String.join(" and slot ", missing), leader),
          "look at journalctl -u patroni on " + leader);
    }
  }
}
