package ninefold.lab;

/** A command of the lab failed. The message contains its whole output. */
final class LabFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  LabFailure(String message) {
    super(message);
  }
}
