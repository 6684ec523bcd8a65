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
 * A host that is ready for its services: it has their packages, kernel settings, secrets and
 * firewall rules. Services are set up on it with {@link #runStep}.
 */
public final class PreparedHost {
  private final CheckedHost host;
  private final Cluster cluster;
  private final HostRequirements requirements;
  private final List<Resource> ready;

  /**
   * Declares the steps that prepare a host.
   *
   * @param host the host
   * @param first the preflights of the whole cluster, and the step that takes the leadership from a
   *     departing member. Only packages are installed before these are done: nothing that a client
   *     or a member could notice
   */
  public PreparedHost(CheckedHost host, List<? extends Resource> first) {
    this.host = host;
    this.cluster = host.cluster();
    this.requirements = host.requirements();
    var packages = step("packages", packageFiles(), List.of(host.check()));
    var afterPreflights = Stream.concat(Stream.of(packages), first.stream()).toList();
    this.ready =
        List.of(
            step("system", systemBundle(), afterPreflights),
            step("secrets", Bundle.of(requirements.secrets()), afterPreflights),
            step(
                "firewall",
                new Bundle(routers().map(Output::of).toList(), firewallFiles()),
                afterPreflights));
  }

  /** Returns the requirements of every host, whatever its services. */
  public static HostRequirements requirements(Cluster cluster) {
    // The step 'secrets' verifies certificates with openssl. Facts are collected by Python; without
    // python3, an etcd node would have python3-minimal only.
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

  /** Returns the steps after which services can be set up on the host. */
  public List<Resource> ready() {
    return ready;
  }

  /** Returns a line for a header that changes when the machine is replaced. */
  public Output<String> identity() {
    return host.steps().identity();
  }

  /** Returns the host's node. */
  public Node node() {
    return host.node();
  }

  /**
   * Declares a step that brings a service to the state that its bundle describes.
   *
   * @param service the name of the step and of its script
   * @param bundle the step's files
   * @param parent the component that the step belongs to
   * @param after the steps that must be done before, in addition to {@link #ready}
   */
  public Command runStep(
      String service, Bundle bundle, Resource parent, List<? extends Resource> after) {
    return runStep(service, bundle, parent, after, Output.of(""));
  }

  /**
   * Declares a step that also runs when an earlier step ran and printed something else than before,
   * even if its own bundle is that of its last success.
   *
   * @param before the earlier steps
   */
  public Command runStepAfter(
      List<Command> before, String service, Bundle bundle, Resource parent) {
    var printed =
        Output.all(before.stream().map(Command::stdout).toList())
            .applyValue(all -> String.join("", all));
    return runStep(service, bundle, parent, before, printed);
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
    // A host may have unattended upgrades of its own, so exclude the services in any case.
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

  /** Returns the system users of all services. */
  private List<String> serviceUsers() {
    return Stream.concat(Access.SERVICE_USERS.stream(), requirements.users().keySet().stream())
        .distinct()
        .sorted()
        .toList();
  }

  /**
   * Returns the users that may log in over ssh. The list is empty, which means no restriction, on
   * existing hosts without described users: others may administer these hosts too.
   */
  private List<String> users() {
    var access = cluster.access();
    return access.users().isEmpty() && cluster.machines() instanceof Machines.Given
        ? List.of()
        : Stream.concat(Stream.of(access.user()), access.users().stream())
            .distinct()
            .sorted()
            .toList();
  }

  /** An existing host may have its IPv6 addresses and routes from a router. */
  private Stream<String> routers() {
    return cluster.machines() instanceof Machines.Given
        ? Stream.of(HeaderKey.ROUTERS.line("followed"))
        : Stream.empty();
  }

  /** Returns no files if the host keeps a firewall of its own. */
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
