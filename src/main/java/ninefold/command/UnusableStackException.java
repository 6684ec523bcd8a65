package ninefold.command;

import ninefold.error.UserErrorException;

/** Pulumi cannot provide a value of the stack that is needed to reach its machines. */
final class UnusableStackException extends UserErrorException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception whose message names the failure and what to do. */
  UnusableStackException(String message) {
    super(message);
  }
}
