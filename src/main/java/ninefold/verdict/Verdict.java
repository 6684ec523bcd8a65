package ninefold.verdict;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import ninefold.description.Cluster;
import ninefold.service.PostgresqlParameters;

/**
 * Whether a cluster is healthy and matches its description.
 *
 * @param state the cluster's state
 * @param findings the findings, the most serious first
 * @param overview the state of the parts, for the status screen
 */
public record Verdict(ClusterState state, List<Finding> findings, ClusterOverview overview) {

  /** Makes an immutable copy. */
  public Verdict {
    findings = List.copyOf(findings);
  }

  /**
   * Evaluates the answers of the machines.
   *
   * @param cluster the description
   * @param answers the answers by node; a node without an entry counts as not answering
   */
  public static Verdict of(Cluster cluster, Map<String, Answer> answers) {
    ClusterFacts clusterFacts = new ClusterFacts(cluster, answers);
    Findings findings = new Findings();
    // Causes come before effects: a check omits what an earlier finding explains.
    NodeChecks.run(cluster, answers, findings);
    LeaderChecks.run(clusterFacts, findings);
    ServiceChecks.run(clusterFacts, findings);
    ReplicationChecks.run(clusterFacts, findings);
    SlotChecks.run(clusterFacts, findings);
    SettingsChecks.run(clusterFacts, PostgresqlParameters.of(cluster), findings);
    ConfigurationChecks.run(clusterFacts, findings);
    EtcdChecks.run(clusterFacts, findings);
    BackupChecks.run(clusterFacts, findings);
    ForeignWalCheck.run(clusterFacts, findings);
    AddressChecks.run(clusterFacts, findings);
    BalancerChecks.run(clusterFacts, findings);
    PoolChecks.run(clusterFacts, findings);
    CertificateChecks.run(clusterFacts, findings);
    MachineChecks.run(clusterFacts, findings);
    ConformityChecks.run(clusterFacts, findings);
    ContentChecks.run(clusterFacts, findings);
    CompletenessChecks.run(clusterFacts, findings);
    return new Verdict(
        state(clusterFacts, findings),
        findings.inOrder(cluster),
        OverviewBuilder.build(clusterFacts));
  }

  private static ClusterState state(ClusterFacts clusterFacts, Findings findings) {
    if (clusterFacts.nothingKnown()) {
      return ClusterState.UNKNOWN;
    } else if (findings.noWrites()) {
      return ClusterState.NO_WRITES;
    }
    return findings.isEmpty() ? ClusterState.HEALTHY : ClusterState.DEGRADED;
  }

  /** The findings that fail {@code pulumi up}, because it may have caused them. */
  public List<Finding> failing() {
    return findings.stream().filter(finding -> !finding.check().lasting()).toList();
  }

  /** The findings that may have existed before {@code pulumi up}, which only warns of them. */
  public List<Finding> warnings() {
    return findings.stream().filter(finding -> finding.check().lasting()).toList();
  }

  /** The verdict in one line: the state, and the most important finding with its next step. */
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
