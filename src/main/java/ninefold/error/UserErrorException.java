package ninefold.error;

/**
 * An error that the user can correct. Its message says what is wrong and what to do; a stack trace
 * would help nobody.
 */
public abstract class UserErrorException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Creates an error with the message that is shown. */
  protected UserErrorException(String message) {
    super(message);
  }

  /** Creates an error with the message that is shown and the failure that revealed it. */
  protected UserErrorException(String message, Throwable cause) {
    super(message, cause);
  }
}
