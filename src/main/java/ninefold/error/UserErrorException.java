package ninefold.error;

/**
 * An error that the user can correct. The program prints its message, which contains what is wrong
 * and what to do next, and no stack trace.
 */
public abstract class UserErrorException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Creates an error with the message to print. */
  protected UserErrorException(String message) {
    super(message);
  }

  /** Creates an error with the message to print and the exception that caused it. */
  protected UserErrorException(String message, Throwable cause) {
    super(message, cause);
  }
}
