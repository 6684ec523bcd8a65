package ninefold.ssh;

import java.time.Instant;

/** What became of a command that a machine was to run. */
public sealed interface CommandOutcome {

  /**
   * The command came to its end.
   *
   * @param status its exit status
   * @param output what it wrote to its standard output
   * @param errors what it wrote to its standard error
   * @param began when it was sent
   * @param ended when its end was known
   */
  record Ended(int status, String output, String errors, Instant began, Instant ended)
      implements CommandOutcome {}

  /**
   * The machine did not run it, or its end is not known.
   *
   * @param reason what failed, with the machine's name
   * @param next what to try
   */
  record Unreached(String reason, String next) implements CommandOutcome {}
}
