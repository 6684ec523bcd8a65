package ninefold.machine;

import ninefold.error.UserErrorException;

/** Something that virtual machines need is missing or wrong; nothing was touched yet. */
public final class UnusableMachinesException extends UserErrorException {
  private static final long serialVersionUID = 1;

  UnusableMachinesException(String message) {
    super(message);
  }

  UnusableMachinesException(String message, Throwable cause) {
    super(message, cause);
  }
}
