package ninefold.secret;

/** What a passphrase of the repository must be like, if it is given. */
public final class BackupPassphrase {
  /** As long as those that are made. */
  private static final int LENGTH = 32;

  private BackupPassphrase() {}

  /**
   * Refuses one that is easily guessed: pgBackRest makes its key of it in a single round, so who
   * has a copy of the repository tries very many.
   *
   * @param given the passphrase
   * @param accepted whether a short one is accepted, because a repository opens with no other
   */
  public static void check(String given, boolean accepted) {
    if (given.lines().count() > 1) {
      throw new UnusablePassphraseException(
          "ninefold:backupPassphrase has more than one line; nothing was touched. Give one line.");
    }
    if (given.length() < LENGTH && !accepted) {
      throw new UnusablePassphraseException(
          "ninefold:backupPassphrase has fewer than %d characters; nothing was touched. Whoever gets a copy of the repository can guess it, and it can never be changed."
                  .formatted(LENGTH)
              + " For a new repository: openssl rand -base64 33 | pulumi config set --secret ninefold:backupPassphrase,"
              + " or leave it out, and one is made. If a repository opens with this one already:"
              + " pulumi config set ninefold:shortBackupPassphrase accepted");
    }
  }
}
