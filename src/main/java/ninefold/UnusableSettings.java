package ninefold;

/** A setting of the stack's configuration that can't be used as it is; nothing was touched yet. */
final class UnusableSettings extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnusableSettings(String message) {
    super(message);
  }
}
