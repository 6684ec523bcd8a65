package ninefold.secret;

import ninefold.error.UserErrorException;

/** A passphrase that was given and does not keep the backups secret. */
public final class UnusablePassphraseException extends UserErrorException {
  private static final long serialVersionUID = 1L;

  /** Says what is wrong with it. */
  UnusablePassphraseException(String message) {
    super(message);
  }
}
