package ninefold.verdict;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import ninefold.description.Role;

/** Checks that exactly one balancer has the virtual address, and that clients get through it. */
final class AddressChecks {
  private static final String PAGE = "docs/operations/balancer-lost.md";

  private final ClusterFacts clusterFacts;
  private final Findings findings;
  private final List<String> balancers;

  private AddressChecks(ClusterFacts clusterFacts, Findings findings) {
    this.clusterFacts = clusterFacts;
    this.findings = findings;
    balancers = clusterFacts.answeringNodes(Role.BALANCER).toList();
  }

  static void run(ClusterFacts clusterFacts, Findings findings) {
    AddressChecks checks = new AddressChecks(clusterFacts, findings);
    checks.holders();
    checks.states();
    checks.write();
    checks.read();
  }

  private void holders() {
    String address = clusterFacts.cluster().network().virtualAddress();
    List<String> holders = clusterFacts.holders();
    if (holders.size() > 1) {
      findings.add(
          Check.VIRTUAL_ADDRESS_TWICE,
          FindingText.list(holders) + " all have the virtual address " + address + ".",
          "look at journalctl -u keepalived on them, and check that VRRP (IP protocol 112) passes"
              + " between them; "
              + PAGE);
    } else if (holders.isEmpty() && !clusterFacts.writes() && !clusterFacts.nothingKnown()) {
      findings.add(
          Check.VIRTUAL_ADDRESS_LOST,
          balancers.isEmpty()
              ? "No balancer answers, so it is not known which one has " + address + "."
              : "No balancer has the virtual address " + address + ".",
          "look at journalctl -u keepalived on the balancers; " + PAGE);
    }
  }

  private void states() {
    for (String node : balancers) {
      // Keepalived enters FAULT if HAProxy does not answer; HAPROXY_SILENT reports that.
      if (!findings.found(node, Check.HAPROXY_SILENT)) {
        clusterFacts.of(node, Facts::keepalived).ifPresent(keepalived -> state(node, keepalived));
      }
    }
  }

  private void state(String node, KeepalivedFacts keepalived) {
    String wanted = keepalived.holds() ? "MASTER" : "BACKUP";
    Optional<String> other = keepalived.state().filter(state -> !state.equals(wanted));
    other.ifPresent(
        state ->
            findings.add(
                Check.KEEPALIVED_STATE,
                node,
                "Keepalived on %s is in state %s, although the machine %s the virtual address."
                    .formatted(node, state, keepalived.holds() ? "has" : "does not have"),
                "look at journalctl -u keepalived on " + node));
  }

  private void write() {
    List<Failure> failures = failures(PathFacts::write);
    if (failures.isEmpty() || findings.noWrites()) {
      return;
    }
    String port = String.valueOf(clusterFacts.cluster().balancing().readWritePort());
    String next =
        "check the client's path in ./ninefold status; docs/operations/troubleshooting.md, Clients";
    if (!clusterFacts.writes()) {
      findings.add(
          Check.WRITE_FAILS,
          "A write through the virtual address, %s:%s, fails: %s."
              .formatted(
                  clusterFacts.cluster().network().virtualAddress(), port, failures.get(0).why()),
          next);
      return;
    }
    for (Failure failure : failures) {
      findings.add(
          Check.WRITE_FAILS_HERE,
          failure.node(),
          "A write from %s through the virtual address fails: %s."
              .formatted(failure.node(), failure.why()),
          next);
    }
  }

  private void read() {
    List<Failure> failures = failures(PathFacts::read);
    if (failures.isEmpty() || findings.found(Check.VIRTUAL_ADDRESS_LOST)) {
      return;
    }
    findings.add(
        Check.READ_FAILS,
        "A read through the virtual address, %s:%d, fails from %s: %s."
            .formatted(
                clusterFacts.cluster().network().virtualAddress(),
                clusterFacts.cluster().balancing().readOnlyPort(),
                FindingText.list(failures.stream().map(Failure::node).toList()),
                failures.get(0).why()),
        "check the client's path in ./ninefold status; docs/operations/troubleshooting.md, Clients");
  }

  private record Failure(String node, String why) {}

  private List<Failure> failures(Function<PathFacts, FactsSection<?>> part) {
    List<Failure> failures = new ArrayList<>();
    for (String node : balancers) {
      clusterFacts
          .of(node, Facts::path)
          .map(part)
          .filter(it -> it instanceof FactsSection.Failed<?>)
          .flatMap(ServiceChecks::problem)
          .ifPresent(why -> failures.add(new Failure(node, why)));
    }
    return failures;
  }
}
