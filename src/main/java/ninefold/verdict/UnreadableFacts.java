package ninefold.verdict;

/** A machine's answer is no JSON, or lacks what every answer has. */
public final class UnreadableFacts extends Exception {
  private static final long serialVersionUID = 1;

  UnreadableFacts(String message, Throwable cause) {
    super(message, cause);
  }
}
