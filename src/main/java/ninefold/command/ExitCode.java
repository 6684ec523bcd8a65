package ninefold.command;

/** Exit codes, in addition to those of {@link ninefold.verdict.ClusterState} for {@code status}. */
final class ExitCode {
  /** The command has succeeded. */
  static final int DONE = 0;

  /** An operation was started, but the cluster did not confirm its result. */
  static final int FAILED = 1;

  /** An operation was refused; nothing was changed. */
  static final int REFUSED = 4;

  /** The command line is invalid; {@code EX_USAGE} in sysexits.h. */
  static final int USAGE = 64;

  /** The program has a defect; {@code EX_SOFTWARE} in sysexits.h. */
  static final int INTERNAL = 70;

  /**
   * The stack or its description cannot be read, so no machine was contacted; {@code EX_CONFIG} in
   * sysexits.h.
   */
  static final int CONFIGURATION = 78;

  private ExitCode() {}
}
