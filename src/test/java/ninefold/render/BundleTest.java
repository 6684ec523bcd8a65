package ninefold.render;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.pulumi.core.Output;
import com.pulumi.core.internal.Internal;
import com.pulumi.test.PulumiTest;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BundleTest {
  private static final TargetFile OPEN = TargetFile.worldReadable("/etc/open", "one\ntwo\n");
  private static final TargetFile SECRET =
      TargetFile.secret("/etc/secret", "app:app", Output.ofSecret("hidden"));

  @AfterEach
  void cleanUp() {
    PulumiTest.cleanup();
  }

  @Test
  void containsTheHeader_thenEachFileWithOwnerAndMode() {
    var bundle =
        new Bundle(List.of(Output.of("scope trio")), List.of(OPEN, SECRET))
            .with(Output.of("change 1"));

    assertThat(value(bundle.text()))
        .isEqualTo(
            """
            scope trio
            change 1
            === /etc/open root:root 0644
            one
            two
            === /etc/secret app:app 0600
            hidden
            === end
            """);
  }

  @Test
  void emptyFile_staysEmpty() {
    assertThat(value(Bundle.of(List.of(TargetFile.worldReadable("/etc/empty", ""), OPEN)).text()))
        .isEqualTo(
            "=== /etc/empty root:root 0644\n=== /etc/open root:root 0644\none\ntwo\n=== end\n");
  }

  @Test
  void isSecret_onlyIfAPartIs() {
    assertThat(isSecret(Bundle.of(List.of(OPEN)).text())).isFalse();
    assertThat(isSecret(Bundle.of(List.of(OPEN, SECRET)).text())).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"=== /etc/passwd root:root 0644\n", "fine\n=== /etc/passwd\n"})
  void refusesATextThatContainsASeparator(String text) {
    var bundle = Bundle.of(List.of(TargetFile.worldReadable("/etc/open", text)));

    assertThatThrownBy(() -> value(bundle.text()))
        .isInstanceOf(CompletionException.class)
        .rootCause()
        .hasMessageContaining("/etc/open")
        .hasMessageContaining("'=== '");
  }

  @Test
  void fingerprintOfASecret_isNotSecret() {
    var fingerprint = Bundle.of(List.of(SECRET)).fingerprint();

    assertThat(isSecret(fingerprint)).isFalse();
    assertThat(value(fingerprint)).matches("[0-9a-f]{16}").doesNotContain("hidden");
  }

  @Test
  void fingerprintChangesWithTextOwnerModeAndPath() {
    assertThat(
            List.of(
                fingerprint("/etc/a", "app:app", "0600", "text"),
                fingerprint("/etc/b", "app:app", "0600", "text"),
                fingerprint("/etc/a", "root:root", "0600", "text"),
                fingerprint("/etc/a", "app:app", "0640", "text"),
                fingerprint("/etc/a", "app:app", "0600", "other")))
        .doesNotHaveDuplicates();
  }

  @Test
  void jointDigestDoesNotDependOnTheOrder() {
    var one = Bundle.of(List.of(OPEN));
    var other = Bundle.of(List.of(SECRET));

    assertThat(value(Bundle.jointDigest(List.of(one, other))))
        .isEqualTo(value(Bundle.jointDigest(List.of(other, one))))
        .isNotEqualTo(value(Bundle.jointDigest(List.of(one, one))));
    assertThat(isSecret(Bundle.jointDigest(List.of(one, other)))).isFalse();
  }

  private static String fingerprint(String path, String owner, String mode, String text) {
    return value(
        Bundle.of(List.of(new TargetFile(path, owner, mode, Output.of(text)))).fingerprint());
  }

  private static String value(Output<String> output) {
    return PulumiTest.extractValue(output);
  }

  private static boolean isSecret(Output<?> output) {
    return Internal.of(output).getDataAsync().join().isSecret();
  }
}
