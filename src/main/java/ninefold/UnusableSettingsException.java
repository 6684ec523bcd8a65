package ninefold;

import ninefold.error.UserErrorException;

/** A setting of the stack's configuration that can't be used as it is; nothing was touched yet. */
final class UnusableSettingsException extends UserErrorException {
  private static final long serialVersionUID = 1L;

  UnusableSettingsException(String message) {
    super(message);
  }
}
