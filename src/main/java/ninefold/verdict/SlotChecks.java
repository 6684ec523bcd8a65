package ninefold.verdict;

import static java.util.stream.Collectors.toSet;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import ninefold.description.Node;
import ninefold.description.Role;
import ninefold.description.Slot;

/**
 * Checks that the replication slots keep the WAL that the members need. On the leader, each member
 * streams from a slot of its own; the slots that Patroni keeps on a replica are not in use. A slot
 * of the description must exist on the leader, but may be inactive unless it has lost its WAL.
 */
final class SlotChecks {
  private static final Set<String> LOST = Set.of("lost", "unreserved");

  private SlotChecks() {}

  static void run(ClusterFacts clusterFacts, Findings findings) {
    clusterFacts
        .answeringNodes(Role.POSTGRES)
        .forEach(
            node ->
                clusterFacts
                    .of(node, Facts::postgresql, PostgresqlFacts::slots)
                    .ifPresent(slots -> lost(clusterFacts, node, slots, findings)));
    if (clusterFacts.leaderPostgresql().isPresent()) {
      String leader = clusterFacts.leader().orElseThrow();
      clusterFacts
          .leaderPostgresql()
          .flatMap(it -> it.slots().known())
          .ifPresent(
              slots -> {
                members(clusterFacts, leader, slots, findings);
                described(clusterFacts, leader, slots, findings);
              });
    }
  }

  private static void lost(
      ClusterFacts clusterFacts, String node, List<PostgresqlFacts.Slot> slots, Findings findings) {
    Set<String> streaming =
        clusterFacts.leads(node)
            ? clusterFacts.leaderPostgresql().flatMap(it -> it.replicas().known()).stream()
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
                                ? ", so it keeps no WAL for the member that streams from it"
                                : ""))
            .toList();
    findings.addAll(
        Check.SLOT_LOST, node, problems, "docs/operations/full-disk.md, A slot that was lost");
  }

  private static void members(
      ClusterFacts clusterFacts,
      String leader,
      List<PostgresqlFacts.Slot> slots,
      Findings findings) {
    for (Node node : clusterFacts.cluster().nodes(Role.POSTGRES)) {
      String name = node.name();
      if (!name.equals(leader) && !clusterFacts.silent(name) && !isExplained(name, findings)) {
        member(name, leader, slots, findings);
      }
    }
  }

  /** Whether an earlier finding explains why the member does not stream. */
  private static boolean isExplained(String member, Findings findings) {
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
          name
              + " has no replication slot on the leader "
              + leader
              + ", so the leader may remove WAL that it still needs.",
          "look at journalctl -u patroni on " + leader);
    } else if (!slot.get().active() && slot.get().status().filter(LOST::contains).isEmpty()) {
      findings.add(
          Check.SLOT_INACTIVE,
          name,
          "The replication slot of "
              + name
              + " on the leader "
              + leader
              + " is inactive, so WAL accumulates there.",
          "look at journalctl -u patroni on " + name);
    }
  }

  /** Patroni creates a described slot in its next cycle, and logs why it cannot. */
  private static void described(
      ClusterFacts clusterFacts,
      String leader,
      List<PostgresqlFacts.Slot> slots,
      Findings findings) {
    Set<String> there = slots.stream().map(PostgresqlFacts.Slot::name).collect(toSet());
    List<String> missing =
        clusterFacts.cluster().postgresql().slots().stream()
            .map(Slot::name)
            .filter(name -> !there.contains(name))
            .toList();
    if (!missing.isEmpty()) {
      findings.add(
          Check.SLOT_MISSING,
          leader,
          "The description has %s, which is missing on the leader %s."
              .formatted("slot " + String.join(" and slot ", missing), leader),
          "look at journalctl -u patroni on " + leader);
    }
  }
}
