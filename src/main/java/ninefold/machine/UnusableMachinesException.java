package ninefold.machine;

import ninefold.error.UserErrorException;

/** A requirement of virtual machines is missing or wrong; nothing was touched. */
public final class UnusableMachinesException extends UserErrorException {
  private static final long serialVersionUID = 1;

  UnusableMachinesException(String message) {
    super(message);
  }

  UnusableMachinesException(String message, Throwable cause) {
    super(message, cause);
  }
}
