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
 * A host that passed its preflight: it can run its services, it still has what they keep for life,
 * and Ninefold's scripts are installed on it. Nothing else on it has changed.
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
   * Declares the preflight of a host and, for a virtual machine, the steps for its ssh keys.
   *
   * @param host the host
   * @param cluster the cluster it belongs to
   * @param requirements the combined requirements of its services
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

  /** Returns the host's node. */
  public Node node() {
    return host.node();
  }

  /** Returns every step that has been declared for the host so far. */
  public List<Command> declaredSteps() {
    return steps.declared();
  }

  /**
   * Declares a step that follows the preflight and precedes every change of the host.
   *
   * @param script the name of the step and of its script
   * @param bundle the step's files
   */
  public Command runStep(String script, Bundle bundle) {
    return steps.runStep(script, bundle, Output.of(""), this, List.of(check));
  }

  /** Returns the ssh connection to the host. */
  public Output<ConnectionArgs> connection() {
    return host.connection();
  }

  /** Returns the preflight, the step {@code scripts}. */
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
   * Returns the files in the folder of scripts: {@code node.env}, the scripts, {@code facts.json}
   * and {@code limit}.
   *
   * <p>They are installed by the preflight so that a cluster of an older version has {@code
   * node.env} before the first script reads it. The step timeout is in a file because, as part of
   * each step's command, a change of it would run all steps again.
   */
  private Map<String, String> files() {
    var files = new LinkedHashMap<>(Map.of("node.env", environment()));
    files.putAll(scripts());
    return files;
  }

  /** Returns {@code node.env}. Its values, except the stanza, are fixed while the node exists. */
  private String environment() {
    var environment = new LinkedHashMap<String, String>();
    environment.put("CLUSTER_NAME", cluster.name());
    environment.put("NODE", host.node().name());
    environment.putAll(requirements.environment());
    return environment.entrySet().stream()
        .map(
            variable ->
                "%s='%s'\n".formatted(variable.getKey(), variable.getValue().replace("'", "'\\''")))
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

  /** Returns the bundle of the step that authorizes the stack's keys for its administrator. */
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
