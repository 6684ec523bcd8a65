package ninefold.secret;

import ninefold.error.UserErrorException;

/** A CA of the stack's configuration that cannot sign or be trusted. */
public final class UnusableCaException extends UserErrorException {
  private static final long serialVersionUID = 1L;

  /** Creates an error whose message contains the setting and what is wrong. */
  public UnusableCaException(String message) {
    super(message);
  }

  /** Creates such an error with a cause. */
  UnusableCaException(String message, Throwable cause) {
    super(message, cause);
  }
}
