package ninefold.ssh;

import ninefold.error.UserErrorException;

/** Machines on which the administrator can't work. */
public final class InaccessibleMachinesException extends UserErrorException {
  private static final long serialVersionUID = 1L;

  /** Names each machine and what is wrong with it, and says what to try. */
  InaccessibleMachinesException(String message) {
    super(message);
  }
}
