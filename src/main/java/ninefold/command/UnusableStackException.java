package ninefold.command;

import ninefold.error.UserErrorException;

/** A stack of which Pulumi does not tell what is needed to reach its machines. */
final class UnusableStackException extends UserErrorException {
  private static final long serialVersionUID = 1L;

  /** The message says what failed, and what to do. */
  UnusableStackException(String message) {
    super(message);
  }
}
