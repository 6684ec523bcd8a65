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
 * The steps on one machine. Each is a command that brings something there to the state its standard
 * input describes; it may be repeated.
 */
final class Steps {
  private static final String SCRIPTS = "/usr/local/lib/ninefold/";
  private static final double CHANGE_BYTES = 4;

  private final Host host;
  private final Access access;
  private final List<Command> declared = new ArrayList<>();

  /**
   * Begins with no step.
   *
   * @param host the machine
   * @param access how steps are run there
   */
  Steps(Host host, Access access) {
    this.host = host;
    this.access = access;
  }

  /** The steps so far, in the order of their declaration. */
  List<Command> declared() {
    return List.copyOf(declared);
  }

  /** The first step: a whole script, which needs nothing on the machine. */
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
   * A step by one of the scripts on the machine.
   *
   * @param script its name, and the step's
   * @param bundle its files
   * @param occasion what makes it run if its bundle doesn't
   * @param parent the component it belongs to
   * @param after what must be done before
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

  /** A machine that was made anew is another one: its steps have other inputs, and run again. */
  private Output<String> identity() {
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
