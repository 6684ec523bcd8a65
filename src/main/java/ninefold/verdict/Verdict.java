package ninefold.verdict;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import ninefold.description.Cluster;
import ninefold.service.PostgresqlParameters;

/**
 * Whether a cluster is healthy and matches its description.
 *
 * @param state its state
 * @param findings what is not as it should be, in the order of weight
 * @param picture what a status screen shows
 */
public record Verdict(ClusterState state, List<Finding> findings, ClusterOverview picture) {

  /** Keeps a copy that cannot be changed. */
  public Verdict {
    findings = List.copyOf(findings);
  }

  /**
   * Evaluates what the machines answered.
   *
   * @param cluster the description
   * @param answers answers by the name of the node; a node that has none counts as silent
   */
  public static Verdict of(Cluster cluster, Map<String, Answer> answers) {
    ClusterFacts situation = new ClusterFacts(cluster, answers);
    Findings findings = new Findings();
    // Causes come before effects: a check leaves out what an earlier one explains.
    NodeChecks.run(cluster, answers, findings);
    LeaderChecks.run(situation, findings);
    ServiceChecks.run(situation, findings);
    ReplicationChecks.run(situation, findings);
    SlotChecks.run(situation, findings);
    SettingsChecks.run(situation, PostgresqlParameters.of(cluster), findings);
    ConfigurationChecks.run(situation, findings);
    EtcdChecks.run(situation, findings);
    BackupChecks.run(situation, findings);
    AddressChecks.run(situation, findings);
    BalancerChecks.run(situation, findings);
    PoolChecks.run(situation, findings);
    CertificateChecks.run(situation, findings);
    MachineChecks.run(situation, findings);
    ConformityChecks.run(situation, findings);
    ContentChecks.run(situation, findings);
    CompletenessChecks.run(situation, findings);
    return new Verdict(
        state(situation, findings), findings.inOrder(cluster), OverviewBuilder.picture(situation));
  }

  private static ClusterState state(ClusterFacts situation, Findings findings) {
    if (situation.nothingKnown()) {
      return ClusterState.UNKNOWN;
    } else if (findings.noWrites()) {
      return ClusterState.NO_WRITES;
    }
    return findings.isEmpty() ? ClusterState.HEALTHY : ClusterState.DEGRADED;
  }

  /** The findings that fail an {@code up}: it caused them, or cannot rule that out. */
  public List<Finding> failing() {
    return findings.stream().filter(finding -> !finding.check().lasting()).toList();
  }

  /** The findings that can have been there before an {@code up}, which only warns of them. */
  public List<Finding> warnings() {
    return findings.stream().filter(finding -> finding.check().lasting()).toList();
  }

  /** The verdict in one line: the state, and what to do first. */
  public String line() {
    String headline =
        switch (state) {
          case HEALTHY -> "healthy, and as described";
          case DEGRADED -> "degraded";
          case NO_WRITES -> "clients cannot write";
          case UNKNOWN -> "unknown: no database node and no etcd member answers";
        };
    if (findings.isEmpty()) {
      return headline;
    }
    Finding first = findings.get(0);
    String more =
        findings.size() == 1
            ? ""
            : " (and " + FindingText.count(findings.size() - 1L, "further finding") + ")";
    return String.format(
        Locale.ROOT, "%s. %s Do first: %s%s", headline, first.what(), first.next(), more);
  }
}
