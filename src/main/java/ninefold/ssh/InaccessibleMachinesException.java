package ninefold.ssh;

import ninefold.error.UserErrorException;

/** The administrator cannot log in to some machines, or cannot become root on them. */
public final class InaccessibleMachinesException extends UserErrorException {
  private static final long serialVersionUID = 1L;

  /** Creates an error whose message names each machine, the reason and what to do next. */
  InaccessibleMachinesException(String message) {
    super(message);
  }
}
