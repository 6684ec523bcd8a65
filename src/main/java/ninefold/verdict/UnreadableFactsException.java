package ninefold.verdict;

/** A machine's answer is not JSON, or lacks a key that every answer has. */
public final class UnreadableFactsException extends Exception {
  private static final long serialVersionUID = 1;

  UnreadableFactsException(String message, Throwable cause) {
    super(message, cause);
  }
}
