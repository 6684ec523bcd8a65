package ninefold.host;

import com.pulumi.command.remote.Command;
import com.pulumi.core.Output;
import com.pulumi.resources.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import ninefold.description.Access;
import ninefold.description.Cluster;
import ninefold.description.Machines;
import ninefold.description.Node;
import ninefold.render.Bundle;
import ninefold.render.HeaderKey;
import ninefold.render.TargetFile;
import ninefold.render.Template;

/**
 * A machine made ready for its services: with their packages, kernel settings, secrets and firewall
 * in place. Services are set up on it by {@link #runStep}.
 */
public final class PreparedHost {
  private final CheckedHost host;
  private final Cluster cluster;
  private final HostRequirements requirements;
  private final List<Resource> ready;

  /**
   * Prepares a machine.
   *
   * @param host the machine
   * @param first the steps that refuse what the cluster as a whole can't become, and the one that
   *     takes the leadership from a departing member: before they are done, nothing changes here
   *     that a client or a member could notice
   */
  public PreparedHost(CheckedHost host, List<? extends Resource> first) {
    this.host = host;
    this.cluster = host.cluster();
    this.requirements = host.requirements();
    var packages = step("packages", packageFiles(), List.of(host.check()));
    var agreed = Stream.concat(Stream.of(packages), first.stream()).toList();
    this.ready =
        List.of(
            step("system", systemBundle(), agreed),
            step("secrets", Bundle.of(requirements.secrets()), agreed),
            step(
                "firewall",
                new Bundle(routers().map(Output::of).toList(), firewallFiles()),
                agreed));
  }

  /** What every machine of a cluster needs, whatever its services. */
  public static HostRequirements requirements(Cluster cluster) {
    // The step 'secrets' asks openssl who vouches for a certificate; facts are collected by Python,
    // of
    // which an etcd member would have the smallest part only.
    var packages = new ArrayList<>(List.of("openssl", "python3"));
    if (cluster.time().manage()) {
      packages.add("chrony");
    }
    if (cluster.firewall().enabled()) {
      packages.add("nftables");
    }
    if (cluster.packages().securityUpdates()) {
      packages.add("unattended-upgrades");
    }
    var requirements =
        HostRequirements.builder()
            .packages(packages)
            .scripts("host", "lib.sh", "step", "leave", "packages", "system", "secrets", "firewall")
            .scripts("host", "facts", "facts_asking.py", "facts_machine.py", "facts_conformity.py")
            .scripts("host", "facts_certificates.py", "certificate-days", "sshd-effective")
            .units("ninefold-certificates.timer");
    if (cluster.time().manage()) {
      requirements.units("chrony.service");
    }
    if (cluster.firewall().enabled()) {
      requirements.units("ninefold-firewall.service");
    }
    return requirements.build();
  }

  /** The steps after which services can be set up here. */
  public List<Resource> ready() {
    return ready;
  }

  /** The node this machine is. */
  public Node node() {
    return host.node();
  }

  /**
   * Brings a service to the state its bundle describes, by the script of the service's name.
   *
   * @param service the service and its script
   * @param bundle its files
   * @param parent the component it belongs to
   * @param after what must be done before
   */
  public Command runStep(
      String service, Bundle bundle, Resource parent, List<? extends Resource> after) {
    return runStep(service, bundle, parent, after, Output.of(""));
  }

  /**
   * The same for a step that must run whenever steps before it did anything, even if its own bundle
   * is that of its last success.
   *
   * @param before the steps that come before
   */
  public Command runStepAfter(
      List<Command> before, String service, Bundle bundle, Resource parent) {
    var said =
        Output.all(before.stream().map(Command::stdout).toList())
            .applyValue(all -> String.join("", all));
    return runStep(service, bundle, parent, before, said);
  }

  private Command runStep(
      String service,
      Bundle bundle,
      Resource parent,
      List<? extends Resource> after,
      Output<String> occasion) {
    var dependencies = Stream.concat(ready.stream(), after.stream()).toList();
    return host.steps().runStep(service, bundle, occasion, parent, dependencies);
  }

  private Bundle packageFiles() {
    var versions = cluster.packages().versions();
    var wanted =
        requirements.packages().stream()
            .sorted()
            .map(name -> versions.containsKey(name) ? name + "=" + versions.get(name) : name)
            .collect(Collectors.joining("\n", "", "\n"));
    var users =
        requirements.users().entrySet().stream()
            .map(user -> user.getKey() + " " + user.getValue() + "\n")
            .collect(Collectors.joining());
    var files = new ArrayList<TargetFile>();
    files.add(TargetFile.worldReadable("/var/lib/ninefold/packages", wanted));
    files.add(TargetFile.worldReadable("/var/lib/ninefold/users", users));
    files.addAll(AptSources.files(cluster.packages()));
    // Also where nobody asked for updates here: the machine may bring them along.
    files.add(TargetFile.managed("/etc/apt/apt.conf.d/54ninefold-excluded", "host/excluded.conf"));
    files.add(TargetFile.managed("/etc/needrestart/conf.d/ninefold.conf", "host/needrestart.conf"));
    if (cluster.packages().securityUpdates()) {
      files.add(
          TargetFile.managed("/etc/apt/apt.conf.d/55ninefold-upgrades", "host/upgrades.conf"));
    }
    return Bundle.of(files);
  }

  private Bundle systemBundle() {
    var files = new ArrayList<TargetFile>();
    files.add(
        TargetFile.rendered(
            "/etc/sysctl.d/60-ninefold.conf",
            "host/sysctl.conf.ftl",
            Map.of("settings", requirements.settings())));
    if (cluster.time().manage()) {
      files.add(
          TargetFile.withoutHeader(
              "/etc/chrony/conf.d/ninefold.conf",
              "host/chrony.conf.ftl",
              Map.of("time", cluster.time())));
    }
    if (cluster.access().harden() || !cluster.access().users().isEmpty()) {
      files.add(
          TargetFile.rendered(
              "/etc/ssh/sshd_config.d/05-ninefold.conf",
              "host/sshd.conf.ftl",
              Map.of(
                  "administrator", cluster.access().user(),
                  "harden", cluster.access().harden(),
                  "services", serviceUsers(),
                  "users", users())));
    }
    files.add(
        TargetFile.withoutHeader(
            "/etc/systemd/system/ninefold-certificates.service",
            "host/certificates.service.ftl",
            Map.of("days", cluster.certificates().renewBefore().toDays())));
    files.add(
        TargetFile.worldReadable(
            "/etc/systemd/system/ninefold-certificates.timer",
            Template.text("host/certificates.timer")));
    return new Bundle(
        Stream.concat(Stream.of(HeaderKey.ADMINISTRATOR.line(cluster.access().user())), routers())
            .map(Output::of)
            .toList(),
        files);
  }

  /** Those of all services, and those that are made here. */
  private List<String> serviceUsers() {
    return Stream.concat(Access.SERVICE_USERS.stream(), requirements.users().keySet().stream())
        .distinct()
        .sorted()
        .toList();
  }

  /** Whom ssh lets in; nobody is named where others than are described may have business there. */
  private List<String> users() {
    var access = cluster.access();
    return access.users().isEmpty() && cluster.machines() instanceof Machines.Given
        ? List.of()
        : Stream.concat(Stream.of(access.user()), access.users().stream())
            .distinct()
            .sorted()
            .toList();
  }

  /** A given machine may have its IPv6 addresses and routes from a router. */
  private Stream<String> routers() {
    return cluster.machines() instanceof Machines.Given
        ? Stream.of(HeaderKey.ROUTERS.line("followed"))
        : Stream.empty();
  }

  /** None where the machine keeps its own firewall. */
  private List<TargetFile> firewallFiles() {
    if (!cluster.firewall().enabled()) {
      return List.of();
    }
    return List.of(
        TargetFile.rendered(
            "/etc/ninefold/firewall.nft",
            "host/firewall.nft.ftl",
            Map.of(
                "sshPort", cluster.access().port(),
                "sshNetworks", cluster.firewall().operators(),
                "nodeAddresses", cluster.nodes().stream().map(Node::address).toList(),
                "ports", requirements.ports(),
                "operatorPorts", cluster.firewall().operatorPorts(),
                "operatorNetworks", cluster.operators(),
                "vrrpPeers", requirements.vrrp())),
        TargetFile.worldReadable(
            "/etc/systemd/system/ninefold-firewall.service",
            Template.text("host/firewall.service")));
  }

  private Command step(String script, Bundle bundle, List<? extends Resource> after) {
    return host.steps().runStep(script, bundle, Output.of(""), host, after);
  }
}
