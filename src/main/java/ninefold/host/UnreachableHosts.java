package ninefold.host;

/** Machines on which no ssh server answers. */
public final class UnreachableHosts extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Names each machine and what was tried last. */
  UnreachableHosts(String message) {
    super(message);
  }
}
