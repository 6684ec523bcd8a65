package ninefold.secret;

/** A passphrase that was given and does not keep the backups secret. */
public final class UnusablePassphraseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says what is wrong with it. */
  UnusablePassphraseException(String message) {
    super(message);
  }
}
