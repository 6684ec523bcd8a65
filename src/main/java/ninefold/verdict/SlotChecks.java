package ninefold.verdict;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import ninefold.cluster.Node;
import ninefold.cluster.Role;

/**
 * Whether the slots keep what the members need. On the leader each member streams by a slot of its
 * own; on a replica Patroni keeps slots that nobody uses. Other slots are their users' affair,
 * unless they have lost their WAL.
 */
final class SlotChecks {
  private static final Set<String> LOST = Set.of("lost", "unreserved");

  private SlotChecks() {}

  static void run(Situation situation, Findings findings) {
    situation
        .toldNodes(Role.POSTGRES)
        .forEach(
            node ->
                situation
                    .of(node, Facts::postgresql, PostgresqlFacts::slots)
                    .ifPresent(slots -> lost(node, slots, findings)));
    if (situation.leading().isPresent()) {
      String leader = situation.leader().orElseThrow();
      situation
          .leading()
          .flatMap(it -> it.slots().known())
          .ifPresent(slots -> members(situation, leader, slots, findings));
    }
  }

  private static void lost(String node, List<PostgresqlFacts.Slot> slots, Findings findings) {
    List<String> problems =
        slots.stream()
            .filter(slot -> slot.status().filter(LOST::contains).isPresent())
            .map(slot -> "slot " + slot.name() + " is " + slot.status().orElseThrow())
            .toList();
    findings.addAll(
        Check.SLOT_LOST,
        node,
        problems,
        "a member that needs the lost WAL takes it from the archive, or: ./ninefold reinit NODE;"
            + " drop a slot that nobody needs with pg_drop_replication_slot");
  }

  private static void members(
      Situation situation, String leader, List<PostgresqlFacts.Slot> slots, Findings findings) {
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
        slots.stream().filter(it -> it.name().equals(slotName(name))).findFirst();
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

  /** The slot of a member, named as Patroni names it. */
  private static String slotName(String member) {
    return member.toLowerCase(Locale.ROOT).replace('-', '_');
  }
}
