package ninefold.ssh;

/** Machines on which the administrator can't work. */
public final class InaccessibleMachines extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Names each machine and what is wrong with it, and says what to try. */
  InaccessibleMachines(String message) {
    super(message);
  }
}
