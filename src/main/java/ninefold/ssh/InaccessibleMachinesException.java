package ninefold.ssh;

/** Machines on which the administrator can't work. */
public final class InaccessibleMachinesException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Names each machine and what is wrong with it, and says what to try. */
  InaccessibleMachinesException(String message) {
    super(message);
  }
}
