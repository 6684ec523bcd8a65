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
import ninefold.description.Cluster;
import ninefold.description.Node;
import ninefold.render.Bundle;
import ninefold.render.HeaderKey;
import ninefold.render.Template;

/**
 * A machine that was looked at: it can carry its services, is what they were born with, and holds
 * the scripts of all further steps. Nothing else was done to it.
 */
public final class CheckedHost extends ComponentResource {
  private static final String ADMINISTRATOR = "administrator";
  private static final String HOST_KEYS = "host-keys";

  private final Host host;
  private final Cluster cluster;
  private final HostRequirements requirements;
  private final Steps steps;
  private final Command check;

  /**
   * Looks at a machine.
   *
   * @param host the machine
   * @param cluster the cluster it belongs to
   * @param requirements what its services need
   */
  public CheckedHost(
      Host host, Cluster cluster, HostRequirements requirements, ComponentResourceOptions options) {
    super("ninefold:host:Host", host.node().name(), options);
    this.host = host;
    this.cluster = cluster;
    this.requirements = requirements;
    this.steps = new Steps(host, cluster.access());
    this.check = steps.installScripts("scripts", installation(), this);
    if (!host.authorized().isEmpty()) {
      runStep(ADMINISTRATOR, administrator());
    }
    host.hostKeys().ifPresent(bundle -> runStep(HOST_KEYS, bundle));
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
  public Command runStep(String script, Bundle bundle) {
    return steps.runStep(script, bundle, Output.of(""), this, List.of(check));
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

  HostRequirements requirements() {
    return requirements;
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
    environment.putAll(requirements.environment());
    return environment.entrySet().stream()
        .map(it -> "%s='%s'\n".formatted(it.getKey(), it.getValue().replace("'", "'\\''")))
        .collect(joining());
  }

  private Map<String, String> scripts() {
    var scripts = new TreeMap<>(requirements.scripts());
    scripts.put("facts.json", FactsRequest.of(cluster, host.node(), requirements));
    scripts.put("limit", cluster.access().stepTimeout().toSeconds() + "\n");
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
            entry("limit", cluster.access().stepTimeout().toSeconds()),
            entry("lasting", host.lasting()),
            entry("ports", requirements.ports()),
            entry("units", requirements.watched().units()),
            entry("dataDirectories", requirements.dataDirectories()),
            entry("births", requirements.immutables()),
            entry("scripts", files())));
  }
}
