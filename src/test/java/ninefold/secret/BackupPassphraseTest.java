package ninefold.secret;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BackupPassphraseTest {
  private static final String LONG = "Q".repeat(32);

  @Test
  void shortPassphrase_isRefused_withTheNextStep() {
    assertThatThrownBy(() -> BackupPassphrase.check(LONG.substring(1), false))
        .isInstanceOf(UnusablePassphraseException.class)
        .hasMessageContaining("ninefold:backupPassphrase has fewer than 32 characters; nothing was")
        .hasMessageContaining("openssl rand -base64 33 | pulumi config set --secret")
        .hasMessageContaining("pulumi config set ninefold:shortBackupPassphrase accepted")
        .hasMessageNotContaining("QQ");
    assertThatCode(() -> BackupPassphrase.check(LONG, false)).doesNotThrowAnyException();
  }

  /** An existing repository may need a short passphrase. */
  @Test
  void shortPassphrase_isAccepted_ifConfigured() {
    assertThatCode(() -> BackupPassphrase.check("short", true)).doesNotThrowAnyException();
  }

  @Test
  void secondLine_isRefused() {
    assertThatThrownBy(() -> BackupPassphrase.check(LONG + "\n[global]", true))
        .isInstanceOf(UnusablePassphraseException.class)
        .hasMessageContaining("more than one line");
  }
}
