package ninefold.command;

/** Exit codes beside those of {@link ninefold.verdict.State}, which {@code status} ends with. */
final class ExitCode {
  /** What was asked for is done. */
  static final int DONE = 0;

  /** An operation began, and the cluster did not confirm its result. */
  static final int FAILED = 1;

  /** An operation was refused; nothing was changed. */
  static final int REFUSED = 4;

  /** The command line is not valid, as in sysexits.h. */
  static final int USAGE = 64;

  /** A fault of the program itself. */
  static final int INTERNAL = 70;

  /** The stack or its description cannot be read; no machine was asked. */
  static final int CONFIGURATION = 78;

  private ExitCode() {}
}
