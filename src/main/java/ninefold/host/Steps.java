package ninefold.host;

import com.pulumi.command.remote.Command;
import com.pulumi.command.remote.CommandArgs;
import com.pulumi.core.Output;
import com.pulumi.random.Id;
import com.pulumi.random.IdArgs;
import com.pulumi.resources.CustomResourceOptions;
import com.pulumi.resources.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import ninefold.description.Access;
import ninefold.render.Bundle;
import ninefold.render.HeaderKey;

/**
 * The steps on one host. Each is an idempotent command that brings something on the host to the
 * state that its standard input describes.
 */
final class Steps {
  private static final String SCRIPTS = "/usr/local/lib/ninefold/";

  /** The size of a change's number. */
  private static final double CHANGE_BYTES = 4;

  private final Host host;
  private final Access access;
  private final List<Command> declared = new ArrayList<>();

  /**
   * Creates an empty list of steps.
   *
   * @param host the host
   * @param access the administrator and the timeout of a step
   */
  Steps(Host host, Access access) {
    this.host = host;
    this.access = access;
  }

  /** Returns the steps so far, in the order of their declaration. */
  List<Command> declared() {
    return List.copyOf(declared);
  }

  /** Declares the first step. Its input is a whole script, because the host has none yet. */
  Command installScripts(String name, String script, Resource parent) {
    return command(
        name,
        privileged("timeout --kill-after=10 " + access.stepTimeout().toSeconds() + " bash -s"),
        removal("leave", "leave"),
        identity().applyValue(identity -> script + "# " + identity + "\n"),
        Output.of(""),
        parent,
        host.madeBy());
  }

  /**
   * Declares a step that runs one of the scripts on the host.
   *
   * @param script the name of the script and of the step
   * @param bundle the step's files
   * @param occasion a text that makes the step run again when it changes, as a change of the bundle
   *     does
   * @param parent the component that the step belongs to
   * @param after the steps that must be done before
   */
  Command runStep(
      String script,
      Bundle bundle,
      Output<String> occasion,
      Resource parent,
      List<? extends Resource> after) {
    return command(
        script,
        run(script),
        removal(script, script + " remove"),
        bundle.with(identity()).text(),
        occasion,
        parent,
        after);
  }

  /** The host's identity is part of each step's input, so all steps run on a replaced machine. */
  Output<String> identity() {
    return host.identity().applyValue(HeaderKey.MACHINE::line);
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
    var command =
        new Command(
            host.node().name() + "/" + name,
            args.build(),
            CustomResourceOptions.builder().parent(parent).dependsOn(List.copyOf(after)).build());
    declared.add(command);
    return command;
  }

  /**
   * Declares a random number that is replaced, before the step runs, whenever the step's text or
   * occasion changes.
   *
   * <p>Pulumi compares a step with its last success. If a step fails half-way and its change is
   * then undone, its text is that of the last success, but its number is not, so Pulumi runs it.
   */
  private Id change(String step, Output<String> text, Output<String> occasion, Resource parent) {
    return new Id(
        host.node().name() + "/" + step + "/change",
        IdArgs.builder()
            .byteLength(CHANGE_BYTES)
            .keepers(
                Output.tuple(text, occasion)
                    .applyValue(inputs -> Map.of("text", Bundle.digest(inputs.t1 + inputs.t2))))
            .build(),
        CustomResourceOptions.builder().parent(parent).build());
  }

  /**
   * Returns the command that removes what a step set up. It does nothing if the host has no
   * scripts, for example because it was reinstalled.
   */
  private Optional<String> removal(String script, String command) {
    return host.lasting()
        ? Optional.of(
            "[ ! -e %sstep ] || ".formatted(SCRIPTS)
                + run(command + (host.wiped().by(script) ? " wipe" : "")))
        : Optional.empty();
  }

  private String run(String script) {
    return privileged(SCRIPTS + "step " + script);
  }

  private String privileged(String command) {
    return access.user().equals("root") ? command : "sudo -n " + command;
  }
}
