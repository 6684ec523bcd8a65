package ninefold.verdict;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import ninefold.description.Node;
import ninefold.description.Role;

/** Checks that each certificate is valid for long enough, and that its service serves it. */
final class CertificateChecks {
  private static final double DAY = 86_400;
  private static final String PAGE = "pulumi up renews it; docs/operations/keys.md, Certificates";

  /** The services that have a certificate on a machine, by the machine's role. */
  private static final Map<Role, List<String>> SERVICES =
      Map.of(
          Role.POSTGRES,
              List.of("postgresql", "patroni", "etcd-client", "pgbouncer", "pool", "pgbackrest"),
          Role.ETCD, List.of("etcd"),
          Role.BALANCER, List.of("haproxy", "statistics"),
          Role.REPOSITORY, List.of("pgbackrest"));

  private final ClusterFacts clusterFacts;
  private final Findings findings;

  private CertificateChecks(ClusterFacts clusterFacts, Findings findings) {
    this.clusterFacts = clusterFacts;
    this.findings = findings;
  }

  static void run(ClusterFacts clusterFacts, Findings findings) {
    CertificateChecks checks = new CertificateChecks(clusterFacts, findings);
    for (Node node : clusterFacts.cluster().nodes()) {
      clusterFacts
          .of(node.name(), Facts::certificates)
          .ifPresent(
              certificates -> {
                checks.complete(node, certificates);
                checks.ends(node.name(), certificates);
                checks.served(node.name(), certificates);
              });
    }
  }

  /** The days until a certificate expires, by its machine's clock; negative afterwards. */
  static double daysLeft(CertificateFacts certificate, Facts machine) {
    return (certificate.ends() - machine.time()) / DAY;
  }

  private void complete(Node node, List<CertificateFacts> certificates) {
    List<String> problems = new ArrayList<>();
    for (Role role : node.roles()) {
      for (String service : SERVICES.get(role)) {
        String problem = "the certificate of " + service + " is not reported";
        if (certificates.stream().noneMatch(it -> it.service().equals(service))
            && !problems.contains(problem)) {
          problems.add(problem);
        }
      }
    }
    findings.addAll(
        Check.FACT_MISSING,
        node.name(),
        problems,
        "sudo /usr/local/lib/ninefold/facts on " + node.name());
  }

  private void ends(String node, List<CertificateFacts> certificates) {
    Facts machine = clusterFacts.facts(node).orElseThrow();
    long limit = clusterFacts.cluster().health().certificateValidity().toDays();
    List<CertificateFacts> soon =
        certificates.stream()
            .filter(it -> daysLeft(it, machine) < limit)
            .sorted(Comparator.comparingDouble(CertificateFacts::ends))
            .toList();
    List<CertificateFacts> ended = soon.stream().filter(it -> daysLeft(it, machine) <= 0).toList();
    if (!ended.isEmpty()) {
      findings.add(
          Check.CERTIFICATE_ENDED,
          node,
          "%s: the certificate of %s has expired."
              .formatted(
                  node, FindingText.list(ended.stream().map(CertificateFacts::service).toList())),
          PAGE);
    } else if (!soon.isEmpty()) {
      CertificateFacts first = soon.get(0);
      findings.add(
          Check.CERTIFICATE_ENDS,
          node,
          "%s: %s %s within %d days, the first (%s) in %s days."
              .formatted(
                  node,
                  FindingText.count(soon.size(), "certificate"),
                  FindingText.verb(soon.size(), "expire"),
                  limit,
                  first.service(),
                  FindingText.decimal(daysLeft(first, machine))),
          PAGE);
    }
  }

  private void served(String node, List<CertificateFacts> certificates) {
    List<String> problems =
        certificates.stream()
            .filter(it -> it.served().known().filter(served -> !served).isPresent())
            .map(it -> it.service() + " does not serve the certificate in " + it.path())
            .toList();
    findings.addAll(
        Check.CERTIFICATE_NOT_SERVED,
        node,
        problems,
        "reload the service on " + node + ": sudo systemctl reload-or-restart SERVICE");
  }
}
