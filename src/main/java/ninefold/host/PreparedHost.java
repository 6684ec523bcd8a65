package ninefold.host;

import com.pulumi.command.remote.Command;
import com.pulumi.command.remote.CommandArgs;
import com.pulumi.core.Output;
import com.pulumi.random.Id;
import com.pulumi.random.IdArgs;
import com.pulumi.resources.ComponentResource;
import com.pulumi.resources.ComponentResourceOptions;
import com.pulumi.resources.CustomResourceOptions;
import com.pulumi.resources.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import ninefold.cluster.Cluster;
import ninefold.cluster.Node;

/**
 * A machine made ready for its services: checked, with the steps' scripts, packages, kernel
 * settings and secrets in place. Services are set up on it by {@link #converge}.
 */
public final class PreparedHost extends ComponentResource {
  private static final String SCRIPTS = "/usr/local/lib/ninefold/";
  private static final double CHANGE_BYTES = 4;

  private final Host host;
  private final Cluster cluster;
  private final Needs needs;
  private final List<Resource> ready;

  /**
   * Prepares a machine.
   *
   * @param host the machine
   * @param cluster the cluster it belongs to
   * @param needs what its services need
   * @param scripts the scripts of its services, by name
   */
  public PreparedHost(
      Host host,
      Cluster cluster,
      Needs needs,
      Map<String, String> scripts,
      ComponentResourceOptions options) {
    super("ninefold:host:Host", host.node().name(), options);
    this.host = host;
    this.cluster = cluster;
    this.needs = needs;
    var installed = scripts(scripts);
    var packages = step("packages", packageFiles(), List.of(installed));
    var system = step("system", systemBundle(), List.of(packages));
    var secrets = step("secrets", Bundle.of(needs.secrets()), List.of(packages));
    var firewall = step("firewall", Bundle.of(firewallFiles()), List.of(packages));
    this.ready = List.of(system, secrets, firewall);
    registerOutputs(Map.of("address", Output.of(host.node().address())));
  }

  /** What every machine of a cluster needs, whatever its services. */
  public static Needs needs(Cluster cluster) {
    var packages = new ArrayList<String>();
    if (cluster.time().manage()) {
      packages.add("chrony");
    }
    if (cluster.firewall().enabled()) {
      packages.add("nftables");
    }
    if (cluster.packages().securityUpdates()) {
      packages.add("unattended-upgrades");
    }
    return new Needs(
        List.copyOf(packages), Map.of(), Map.of(), List.of(), List.of(), Map.of(), List.of());
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
  public Command converge(
      String service, Bundle bundle, Resource parent, List<? extends Resource> after) {
    return converge(service, bundle, parent, after, Output.of(""));
  }

  /**
   * The same for a step that must run whenever steps before it did anything, even if its own bundle
   * is that of its last success.
   *
   * @param before the steps that come before
   */
  public Command convergeAfter(
      List<Command> before, String service, Bundle bundle, Resource parent) {
    var said =
        Output.all(before.stream().map(Command::stdout).toList())
            .applyValue(all -> String.join("", all));
    return converge(service, bundle, parent, before, said);
  }

  private Command converge(
      String service,
      Bundle bundle,
      Resource parent,
      List<? extends Resource> after,
      Output<String> occasion) {
    var dependencies = new ArrayList<Resource>(ready);
    dependencies.addAll(after);
    return command(
        service,
        run(service),
        removal(service + " remove"),
        text(bundle),
        occasion,
        parent,
        dependencies);
  }

  private Command scripts(Map<String, String> services) {
    // In order, so that the text is the same at each run.
    var all = new TreeMap<String, String>();
    for (var name :
        List.of("lib.sh", "step", "leave", "packages", "system", "secrets", "firewall")) {
      all.put(name, Template.text("host/" + name));
    }
    all.putAll(services);
    var text =
        Template.render(
            "host/install.sh.ftl",
            Map.of(
                "name", host.node().name(),
                "address", host.node().address(),
                "cluster", cluster.name(),
                "memory", host.node().memory().mebibytes(),
                "limit", cluster.access().stepLimit(),
                "ports", needs.ports(),
                "foreign", needs.dataDirectories(),
                "scripts", all));
    var limit = cluster.access().stepLimit();
    return command(
        "scripts",
        privileged("timeout --kill-after=10 " + limit + " bash -s"),
        removal("leave"),
        host.identity().applyValue(identity -> text + "# machine " + identity + "\n"),
        Output.of(""),
        this,
        host.madeBy());
  }

  private Bundle packageFiles() {
    var versions = cluster.packages().versions();
    var wanted =
        needs.packages().stream()
            .sorted()
            .map(name -> versions.containsKey(name) ? name + "=" + versions.get(name) : name)
            .collect(Collectors.joining("\n", "", "\n"));
    var users =
        needs.users().entrySet().stream()
            .map(user -> user.getKey() + " " + user.getValue() + "\n")
            .collect(Collectors.joining());
    var files = new ArrayList<TargetFile>();
    files.add(TargetFile.open("/var/lib/ninefold/packages", wanted));
    files.add(TargetFile.open("/var/lib/ninefold/users", users));
    files.addAll(AptSources.files(cluster.packages()));
    if (cluster.packages().securityUpdates()) {
      files.add(
          TargetFile.open(
              "/etc/apt/apt.conf.d/55ninefold-upgrades", Template.text("host/upgrades.conf")));
      files.add(
          TargetFile.open(
              "/etc/needrestart/conf.d/ninefold.conf", Template.text("host/needrestart.conf")));
    }
    return Bundle.of(files);
  }

  private Bundle systemBundle() {
    var files = new ArrayList<TargetFile>();
    files.add(
        TargetFile.open(
            "/etc/sysctl.d/60-ninefold.conf",
            Template.render("host/sysctl.conf.ftl", Map.of("settings", needs.settings()))));
    if (cluster.time().manage()) {
      files.add(
          TargetFile.open(
              "/etc/chrony/conf.d/ninefold.conf",
              Template.render("host/chrony.conf.ftl", Map.of("time", cluster.time()))));
    }
    if (cluster.access().harden()) {
      files.add(
          TargetFile.open(
              "/etc/ssh/sshd_config.d/05-ninefold.conf",
              Template.render(
                  "host/sshd.conf.ftl", Map.of("administrator", cluster.access().user()))));
    }
    return new Bundle(List.of(Output.of("administrator " + cluster.access().user())), files);
  }

  /** None where the machine keeps its own firewall. */
  private List<TargetFile> firewallFiles() {
    if (!cluster.firewall().enabled()) {
      return List.of();
    }
    return List.of(
        TargetFile.open(
            "/etc/ninefold/firewall.nft",
            Template.render(
                "host/firewall.nft.ftl",
                Map.of(
                    "ssh", cluster.access().port(),
                    "operators", cluster.firewall().operators(),
                    "machines", cluster.nodes().stream().map(Node::address).toList(),
                    "ports", needs.ports(),
                    "vrrp", needs.vrrp()))),
        TargetFile.open(
            "/etc/systemd/system/ninefold-firewall.service",
            Template.text("host/firewall.service")));
  }

  private Command step(String script, Bundle bundle, List<? extends Resource> after) {
    return command(
        script, run(script), removal(script + " remove"), text(bundle), Output.of(""), this, after);
  }

  /** A machine that was made anew is another one: its steps have other inputs, and run again. */
  private Output<String> text(Bundle bundle) {
    return bundle.with(host.identity().applyValue(identity -> "machine " + identity)).text();
  }

  private Command command(
      String name,
      String create,
      Optional<String> delete,
      Output<String> stdin,
      Output<String> occasion,
      Resource parent,
      List<? extends Resource> after) {
    var args =
        CommandArgs.builder()
            .connection(host.connection())
            .create(create)
            .update(
                change(name, stdin, occasion, parent)
                    .hex()
                    .applyValue(number -> create + " change-" + number))
            .stdin(stdin)
            .addPreviousOutputInEnv(false);
    delete.ifPresent(args::delete);
    return new Command(
        host.node().name() + "/" + name,
        args.build(),
        CustomResourceOptions.builder().parent(parent).dependsOn(List.copyOf(after)).build());
  }

  /**
   * A number for the change that a step makes. Pulumi compares a step with its last success: one
   * that failed half-way and whose change is then taken back would look unchanged, and would not
   * run. Its number differs each time its text or its occasion does, and is made before the step
   * runs.
   */
  private Id change(String step, Output<String> text, Output<String> occasion, Resource parent) {
    return new Id(
        host.node().name() + "/" + step + "/change",
        IdArgs.builder()
            .byteLength(CHANGE_BYTES)
            .keepers(
                Output.tuple(text, occasion)
                    .applyValue(it -> Map.of("text", Bundle.digest(it.t1 + it.t2))))
            .build(),
        CustomResourceOptions.builder().parent(parent).build());
  }

  /** Where the scripts are gone, as on a machine that was made anew, there is nothing to remove. */
  private Optional<String> removal(String script) {
    return host.lasting()
        ? Optional.of(
            "[ ! -e %sstep ] || ".formatted(SCRIPTS) + run(script + (host.wipe() ? " wipe" : "")))
        : Optional.empty();
  }

  private String run(String script) {
    return privileged(SCRIPTS + "step " + cluster.access().stepLimit() + " " + script);
  }

  private String privileged(String command) {
    return cluster.access().user().equals("root") ? command : "sudo -n " + command;
  }
}
