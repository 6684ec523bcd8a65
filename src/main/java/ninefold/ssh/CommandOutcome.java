package ninefold.ssh;

import java.time.Instant;

/** The outcome of a command on a machine. */
public sealed interface CommandOutcome {

  /**
   * The command ended.
   *
   * @param status its exit status
   * @param output its standard output
   * @param errors its standard error
   * @param began when it was sent
   * @param ended when its exit status was known
   */
  record Ended(int status, String output, String errors, Instant began, Instant ended)
      implements CommandOutcome {}

  /**
   * The machine did not run the command, or the outcome is unknown.
   *
   * @param reason what failed, with the machine's name
   * @param next what to do next
   */
  record Unreached(String reason, String next) implements CommandOutcome {}
}
