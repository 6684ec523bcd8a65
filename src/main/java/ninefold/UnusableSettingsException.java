package ninefold;

import ninefold.error.UserErrorException;

/** A setting of the stack's configuration cannot be used; nothing was touched. */
final class UnusableSettingsException extends UserErrorException {
  private static final long serialVersionUID = 1L;

  UnusableSettingsException(String message) {
    super(message);
  }
}
