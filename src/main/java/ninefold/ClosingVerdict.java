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
 * The last step of an {@code up}: {@code ./ninefold verify} collects the facts of every node, and
 * fails if the cluster is not healthy or not as described. It runs if any earlier step ran, and
 * runs again after it failed.
 */
final class ClosingVerdict {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ClosingVerdict() {}

  /**
   * Declares the step, which depends on all steps that the hosts have so far.
   *
   * @param description the path of the description
   * @param hosts all nodes; each must have a host key and a private key
   */
  static void declare(String description, List<CheckedHost> hosts, Resource parent) {
    var steps = hosts.stream().flatMap(host -> host.declaredSteps().stream()).toList();
    // A step's update command contains a number that differs for each change of the step.
    var changes =
        Output.all(
                steps.stream()
                    .map(step -> step.update().applyValue(update -> update.orElse("")))
                    .toList())
            .applyValue(updates -> Bundle.digest(updates.stream().sorted().collect(joining())));
    var names = hosts.stream().map(host -> host.node().name()).toList();
    var hostKeys =
        Output.all(
            hosts.stream().map(host -> connectionField(host, ConnectionArgs::hostKey)).toList());
    var input =
        Output.tuple(changes, connectionField(hosts.get(0), ConnectionArgs::privateKey), hostKeys)
            .applyValue(
                values -> input(description, values.t1, values.t2, byName(names, values.t3)));
    new Command(
        "verdict",
        CommandArgs.builder()
            .create("./ninefold verify")
            .update("./ninefold verify")
            .stdin(Deployment.getInstance().isDryRun() ? input : withSocket(input))
            .addPreviousOutputInEnv(false)
            .build(),
        CustomResourceOptions.builder().parent(parent).dependsOn(List.copyOf(steps)).build());
  }

  /**
   * Returns the same input. When it is known, this program opens the socket at which it answers the
   * command that Pulumi runs with that input.
   */
  private static Output<String> withSocket(Output<String> input) {
    return input.applyValue(
        text -> {
          VerdictSocket.open(text);
          return text;
        });
  }

  private static Output<String> connectionField(
      CheckedHost host, Function<ConnectionArgs, Optional<Output<String>>> field) {
    return host.connection().apply(connection -> field.apply(connection).orElseThrow());
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
      throw new IllegalStateException("cannot write the verdict's input as JSON", e);
    }
  }
}
