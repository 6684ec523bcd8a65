package ninefold.verdict;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Checks that the machines' clocks agree, and that their file systems have free space. */
final class MachineChecks {
  private static final int PERCENT = 100;
  private static final double MILLIS = 1000;

  /** With fewer machines, the median could be that of a wrong clock. */
  private static final int ENOUGH = 3;

  private final ClusterFacts clusterFacts;
  private final Findings findings;

  private MachineChecks(ClusterFacts clusterFacts, Findings findings) {
    this.clusterFacts = clusterFacts;
    this.findings = findings;
  }

  static void run(ClusterFacts clusterFacts, Findings findings) {
    MachineChecks checks = new MachineChecks(clusterFacts, findings);
    checks.clocks();
    clusterFacts
        .answers()
        .keySet()
        .forEach(
            node ->
                clusterFacts
                    .of(node, Facts::machine)
                    .ifPresent(
                        machine -> {
                          machine.clock().known().ifPresent(it -> checks.chrony(node, it));
                          machine.mounts().known().ifPresent(it -> checks.room(node, it));
                        }));
  }

  /**
   * Compares the clocks. Each machine's offset from the local clock is compared with the median
   * offset, so that a wrong local clock is not reported as a fault of the machines.
   */
  private void clocks() {
    Map<String, Double> offsets = new LinkedHashMap<>();
    clusterFacts.answers().forEach((node, answer) -> offsets.put(node, offset(answer)));
    double usual = offsets.size() < ENOUGH ? 0 : median(List.copyOf(offsets.values()));
    double limit = clusterFacts.cluster().health().clockDifference().toMillis() / MILLIS;
    offsets.forEach(
        (node, offset) -> {
          double difference = offset - usual;
          if (Math.abs(difference) > limit + roundTrip(clusterFacts.answers().get(node)) / 2) {
            findings.add(
                Check.CLOCK_DIFFERS,
                node,
                "The clock of %s is %s %s the others; the limit is %s ms."
                    .formatted(
                        node,
                        FindingText.duration(Math.abs(difference)),
                        difference > 0 ? "ahead of" : "behind",
                        FindingText.decimal(limit * MILLIS)),
                "chronyc tracking on " + node);
          }
        });
  }

  private static double roundTrip(Answer.Received answer) {
    return EpochSeconds.seconds(Duration.between(answer.asked(), answer.answered()));
  }

  /** How far a machine's clock was ahead of the local one halfway through the request, s. */
  private static double offset(Answer.Received answer) {
    double since = EpochSeconds.seconds(Duration.between(answer.asked(), answer.facts().at()));
    return since - roundTrip(answer) / 2;
  }

  private static double median(List<Double> numbers) {
    List<Double> sorted = numbers.stream().sorted().toList();
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }

  private void chrony(String node, MachineFacts.Clock clock) {
    double limit = clusterFacts.cluster().health().clockDifference().toMillis() / MILLIS;
    if (!clock.follows()) {
      findings.add(
          Check.CLOCK_UNSYNCHRONIZED,
          node,
          "The clock of " + node + " is not synchronized with an NTP server.",
          "chronyc sources on " + node);
    } else if (Math.abs(clock.offset()) > limit) {
      findings.add(
          Check.CLOCK_UNSYNCHRONIZED,
          node,
          "The clock of %s differs from its NTP server by %s; the limit is %s ms."
              .formatted(
                  node,
                  FindingText.duration(Math.abs(clock.offset())),
                  FindingText.decimal(limit * MILLIS)),
          "chronyc tracking on " + node);
    }
  }

  private void room(String node, List<MachineFacts.Mount> mounts) {
    List<String> space = new ArrayList<>();
    List<String> inodes = new ArrayList<>();
    int freeSpace = clusterFacts.cluster().health().freeSpace();
    int freeInodes = clusterFacts.cluster().health().freeInodes();
    for (MachineFacts.Mount mount : mounts) {
      if (scarce(mount.free(), mount.size(), freeSpace)) {
        space.add(
            "%s has %s free of %s, less than %d %%"
                .formatted(
                    mount.path(),
                    FindingText.bytes(mount.free()),
                    FindingText.bytes(mount.size()),
                    freeSpace));
      }
      if (scarce(mount.freeInodes(), mount.inodes(), freeInodes)) {
        inodes.add(
            "%s has %d inodes free of %d, less than %d %%"
                .formatted(mount.path(), mount.freeInodes(), mount.inodes(), freeInodes));
      }
    }
    findings.addAll(Check.SPACE, node, space, "docs/operations/full-disk.md");
    findings.addAll(
        Check.INODES, node, inodes, "sudo du --inodes -x / | sort -n | tail, on " + node);
  }

  /** Whether less than the percentage is left; a whole of 0 means that there is no limit. */
  private static boolean scarce(long left, long whole, int percent) {
    return whole > 0 && (double) left * PERCENT < (double) whole * percent;
  }
}
