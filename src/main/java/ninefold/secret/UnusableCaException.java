package ninefold.secret;

import ninefold.error.UserErrorException;

/** An authority that was given and can't sign. */
public final class UnusableCaException extends UserErrorException {
  private static final long serialVersionUID = 1L;

  /** Says what is wrong with it. */
  public UnusableCaException(String message) {
    super(message);
  }

  /** Says what is wrong with it, and what found it. */
  UnusableCaException(String message, Throwable cause) {
    super(message, cause);
  }
}
