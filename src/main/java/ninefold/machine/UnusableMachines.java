package ninefold.machine;

/** Something that virtual machines need is missing or wrong; nothing was touched yet. */
public final class UnusableMachines extends RuntimeException {
  private static final long serialVersionUID = 1;

  UnusableMachines(String message) {
    super(message);
  }

  UnusableMachines(String message, Throwable cause) {
    super(message, cause);
  }
}
