package ninefold.secret;

import ninefold.error.UserErrorException;

/** A passphrase of the stack's configuration that would not keep the backups secret. */
public final class UnusablePassphraseException extends UserErrorException {
  private static final long serialVersionUID = 1L;

  /** Creates an error whose message contains what is wrong. */
  UnusablePassphraseException(String message) {
    super(message);
  }
}
