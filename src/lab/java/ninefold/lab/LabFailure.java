package ninefold.lab;

/** A command of the lab failed; the message has all it said. */
final class LabFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  LabFailure(String message) {
    super(message);
  }
}
