package ninefold.host;

import static java.util.Map.entry;
import static java.util.stream.Collectors.joining;

import com.pulumi.command.remote.Command;
import com.pulumi.command.remote.inputs.ConnectionArgs;
import com.pulumi.core.Output;
import com.pulumi.resources.ComponentResource;
import com.pulumi.resources.ComponentResourceOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import ninefold.cluster.Cluster;
import ninefold.cluster.Node;

/**
 * A machine that was looked at: it can carry its services, is what they were born with, and holds
 * the scripts of all further steps. Nothing else was done to it.
 */
public final class CheckedHost extends ComponentResource {
  private static final String ADMINISTRATOR = "administrator";
  private static final String HOST_KEYS = "host-keys";

  private final Host host;
  private final Cluster cluster;
  private final Needs needs;
  private final Steps steps;
  private final Command check;

  /**
   * Looks at a machine.
   *
   * @param host the machine
   * @param cluster the cluster it belongs to
   * @param needs what its services need
   */
  public CheckedHost(Host host, Cluster cluster, Needs needs, ComponentResourceOptions options) {
    super("ninefold:host:Host", host.node().name(), options);
    this.host = host;
    this.cluster = cluster;
    this.needs = needs;
    this.steps = new Steps(host, cluster.access());
    this.check = steps.first("scripts", installation(), this);
    if (!host.authorized().isEmpty()) {
      converge(ADMINISTRATOR, administrator());
    }
    host.hostKeys().ifPresent(bundle -> converge(HOST_KEYS, bundle));
    registerOutputs(Map.of("address", Output.of(host.node().address())));
  }

  /** The node this machine is. */
  public Node node() {
    return host.node();
  }

  /** Every step on it that was declared so far. */
  public List<Command> declaredSteps() {
    return steps.declared();
  }

  /**
   * A step that comes before anything is changed here.
   *
   * @param script its script, and its name
   * @param bundle its files
   */
  public Command converge(String script, Bundle bundle) {
    return steps.converge(script, bundle, Output.of(""), this, List.of(check));
  }

  /** How it is reached. */
  public Output<ConnectionArgs> connection() {
    return host.connection();
  }

  /** The step that looked at it. */
  public Command check() {
    return check;
  }

  Cluster cluster() {
    return cluster;
  }

  Needs needs() {
    return needs;
  }

  Steps steps() {
    return steps;
  }

  /**
   * What this machine is, which scripts read: on an older cluster it is there before the first of
   * them; the scripts, what those that collect facts need to know, and the limit of a step: in each
   * step's command it would run every step again when it changes.
   */
  private Map<String, String> files() {
    var files = new LinkedHashMap<>(Map.of("node.env", environment()));
    files.putAll(scripts());
    return files;
  }

  /** What does not change while the machine is in the cluster, but for the stanza. */
  private String environment() {
    var environment = new LinkedHashMap<String, String>();
    environment.put("CLUSTER_NAME", cluster.name());
    environment.put("NODE", host.node().name());
    environment.putAll(needs.environment());
    return environment.entrySet().stream()
        .map(it -> "%s='%s'\n".formatted(it.getKey(), it.getValue().replace("'", "'\\''")))
        .collect(joining());
  }

  private Map<String, String> scripts() {
    var scripts = new TreeMap<>(needs.scripts());
    scripts.put("facts.json", FactsRequest.of(cluster, host.node(), needs));
    scripts.put("limit", cluster.access().stepLimit() + "\n");
    if (!host.authorized().isEmpty()) {
      scripts.put(ADMINISTRATOR, Template.script("host/" + ADMINISTRATOR));
    }
    if (host.hostKeys().isPresent()) {
      scripts.put(HOST_KEYS, Template.script("host/" + HOST_KEYS));
    }
    return scripts;
  }

  /** Which of the stack's keys let its administrator in. */
  private Bundle administrator() {
    var bundle = Bundle.of(List.of()).with(HeaderKey.ADMINISTRATOR.of(cluster.access().user()));
    for (var key : host.authorized()) {
      bundle = bundle.with(key.applyValue(HeaderKey.AUTHORIZED::line));
    }
    return bundle;
  }

  private String installation() {
    return Template.render(
        "host/scripts/install.sh.ftl",
        Map.ofEntries(
            entry("name", host.node().name()),
            entry("address", host.node().address()),
            entry("clusterName", cluster.name()),
            entry("memory", host.node().memory().mebibytes()),
            entry("limit", cluster.access().stepLimit()),
            entry("lasting", host.lasting()),
            entry("ports", needs.ports()),
            entry("units", needs.watched().units()),
            entry("dataDirectories", needs.dataDirectories()),
            entry("births", needs.births()),
            entry("scripts", files())));
  }
}
