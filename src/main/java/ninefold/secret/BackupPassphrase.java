package ninefold.secret;

/** Checks a passphrase of the repository that the stack's configuration sets. */
public final class BackupPassphrase {
  /** The minimum length, in characters; generated passphrases have it too. */
  private static final int LENGTH = 32;

  private BackupPassphrase() {}

  /**
   * Refuses a passphrase that is easy to guess: pgBackRest derives its key from it in a single
   * round, so an attacker with a copy of the repository can try very many.
   *
   * @param passphrase the passphrase
   * @param shortAccepted whether a short one is accepted, because an existing repository needs it
   * @throws UnusablePassphraseException if it is too short, or has more than one line
   */
  public static void check(String passphrase, boolean shortAccepted) {
    if (passphrase.lines().count() > 1) {
      throw new UnusablePassphraseException(
          "ninefold:backupPassphrase has more than one line; nothing was touched. Set a passphrase of one line.");
    }
    if (passphrase.length() < LENGTH && !shortAccepted) {
      throw new UnusablePassphraseException(
          "ninefold:backupPassphrase has fewer than %d characters; nothing was touched. An attacker with a copy of the repository could guess it, and it can never be changed."
                  .formatted(LENGTH)
              + " For a new repository: openssl rand -base64 33 | pulumi config set --secret ninefold:backupPassphrase,"
              + " or remove it, and Ninefold generates one. If an existing repository needs this one:"
              + " pulumi config set ninefold:shortBackupPassphrase accepted");
    }
  }
}
