package ninefold;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.pulumi.command.local.Command;
import com.pulumi.command.local.CommandArgs;
import com.pulumi.command.remote.inputs.ConnectionArgs;
import com.pulumi.core.Output;
import com.pulumi.deployment.Deployment;
import com.pulumi.resources.CustomResourceOptions;
import com.pulumi.resources.Resource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import ninefold.command.VerdictSocket;
import ninefold.host.CheckedHost;
import ninefold.render.Bundle;

/**
 * The last step of an {@code up}: {@code ./ninefold verify} asks every machine for facts, and fails
 * where the cluster is not healthy, or not as described. It runs if any step before it was to run.
 * One that failed runs again, whatever else changes.
 */
final class ClosingVerdict {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ClosingVerdict() {}

  /**
   * Declares it, after all steps that the hosts have by now.
   *
   * @param description the path of the description
   * @param hosts the machines
   */
  static void declare(String description, List<CheckedHost> hosts, Resource parent) {
    var steps = hosts.stream().flatMap(host -> host.declaredSteps().stream()).toList();
    // The number in a step's update differs for each change that the step makes.
    var changes =
        Output.all(
                steps.stream().map(step -> step.update().applyValue(it -> it.orElse(""))).toList())
            .applyValue(updates -> Bundle.digest(updates.stream().sorted().collect(joining())));
    var names = hosts.stream().map(host -> host.node().name()).toList();
    var hostKeys =
        Output.all(hosts.stream().map(host -> part(host, ConnectionArgs::hostKey)).toList());
    var input =
        Output.tuple(changes, part(hosts.get(0), ConnectionArgs::privateKey), hostKeys)
            .applyValue(it -> input(description, it.t1, it.t2, byName(names, it.t3)));
    new Command(
        "verdict",
        CommandArgs.builder()
            .create("./ninefold verify")
            .update("./ninefold verify")
            .stdin(Deployment.getInstance().isDryRun() ? input : answered(input))
            .addPreviousOutputInEnv(false)
            .build(),
        CustomResourceOptions.builder().parent(parent).dependsOn(List.copyOf(steps)).build());
  }

  /** The same; once it is known, this program answers the command that Pulumi will give it to. */
  private static Output<String> answered(Output<String> input) {
    return input.applyValue(
        text -> {
          VerdictSocket.open(text);
          return text;
        });
  }

  private static Output<String> part(
      CheckedHost host, Function<ConnectionArgs, Optional<Output<String>>> part) {
    return host.connection().apply(connection -> part.apply(connection).orElseThrow());
  }

  private static Map<String, String> byName(List<String> names, List<String> values) {
    var byName = new TreeMap<String, String>();
    for (int i = 0; i < names.size(); i++) {
      byName.put(names.get(i), values.get(i));
    }
    return byName;
  }

  private static String input(
      String description, String changes, String privateKey, Map<String, String> hostKeys) {
    try {
      return JSON.writeValueAsString(
          new TreeMap<>(
              Map.of(
                  "description", description,
                  "changes", changes,
                  "privateKey", privateKey,
                  "hostKeys", hostKeys)));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the verdict's input", e);
    }
  }
}
