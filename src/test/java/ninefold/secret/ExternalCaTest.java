package ninefold.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.pulumi.core.Output;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import ninefold.TestProcess;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An external CA: an intermediate that a root signed. */
class ExternalCaTest {
  private static final String KEY = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";

  @TempDir private static Path folder;

  @BeforeAll
  static void createCas() throws IOException {
    Files.writeString(
        folder.resolve("ca"),
        "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\n");
    Files.writeString(folder.resolve("service"), "basicConstraints=critical,CA:FALSE\n");
    for (var name : new String[] {"root", "other"}) {
      openssl(
          "req -x509 "
              + KEY
              + " -days 2 -subj /CN="
              + name
              + " -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign -keyout "
              + name
              + ".key -out "
              + name
              + ".crt");
    }
    sign("intermediate", "root", "ca");
    sign("leaf", "intermediate", "service");
    sign("stranger", "other", "service");
  }

  private static void sign(String name, String issuer, String extensions) {
    openssl("req " + KEY + " -subj /CN=%1$s -keyout %1$s.key -out %1$s.csr".formatted(name));
    openssl(
        "x509 -req -in %1$s.csr -CA %2$s.crt -CAkey %2$s.key -CAcreateserial -days 2 -extfile %3$s -out %1$s.crt"
            .formatted(name, issuer, extensions));
  }

  private static void openssl(String arguments) {
    var process = TestProcess.run("bash", "-c", "cd '" + folder + "' && openssl " + arguments);
    assertThat(process.status()).as(process.output()).isZero();
  }

  private static String read(String name) {
    try {
      return Files.readString(folder.resolve(name + ".crt"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ExternalCa ca(String certificates) {
    return new ExternalCa(certificates, Output.of("a key"));
  }

  @Test
  void firstCertificateSigns_intermediatesAreSent() {
    var ca = ca(read("intermediate") + "some words\n" + read("root"));

    assertThat(ca.signer()).isEqualTo(read("intermediate"));
    assertThat(ca.intermediates()).isEqualTo(read("intermediate"));
    assertThat(ca.chain()).isEqualTo(read("intermediate") + read("root"));
  }

  @Test
  void root_isNotSent() {
    assertThat(ca(read("root")).intermediates()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ec -in intermediate.key", "pkcs8 -topk8 -nocrypt -in intermediate.key"})
  void key_isReadInEachFormat(String form) throws IOException {
    openssl(form + " -out form.key");

    assertThat(of("form").signer()).isEqualTo(read("intermediate"));
  }

  /** The provider that signs does not read older formats, or text before the key. */
  @Test
  void key_isNormalizedToPkcs8() throws IOException {
    openssl("ecparam -name prime256v1 -out both.key");
    openssl("ec -in intermediate.key >>both.key");
    assertThat(folder.resolve("both.key")).content().startsWith("-----BEGIN EC PARAMETERS-----");

    Files.writeString(folder.resolve("normalized.key"), plain(of("both").key()));

    openssl("pkey -in normalized.key -pubout -out normalized.pub");
    openssl("pkey -in intermediate.key -pubout -out intermediate.pub");
    assertThat(folder.resolve("normalized.key"))
        .content()
        .startsWith("-----BEGIN PRIVATE KEY-----");
    assertThat(folder.resolve("normalized.pub"))
        .hasSameTextualContentAs(folder.resolve("intermediate.pub"));
  }

  private static String plain(Output<String> output) {
    var value = new CompletableFuture<String>();
    output.applyValue(value::complete);
    return value.join();
  }

  @Test
  void expiredCa_isRefused() {
    openssl("req " + KEY + " -subj /CN=old -keyout old.key -out old.csr");
    openssl(
        "x509 -req -in old.csr -CA root.crt -CAkey root.key -CAcreateserial -days -1 -extfile ca -out old.crt");

    assertThatThrownBy(() -> ca(read("old") + read("root")))
        .isInstanceOf(UnusableCaException.class)
        .hasMessageContaining("ninefold:caCertificate: CN=old is valid from");
    assertThatThrownBy(() -> trusting(read("other") + read("old")))
        .isInstanceOf(UnusableCaException.class)
        .hasMessageContaining("ninefold:additionalTrustedCas: CN=old is valid from");
  }

  @Test
  void keyOfADifferentCertificate_isRefused() throws IOException {
    openssl("genrsa -out rsa.key 2048");
    openssl("pkcs8 -topk8 -passout pass:word -in intermediate.key -out encrypted.key");

    for (var key : List.of("root", "rsa")) {
      assertThatThrownBy(() -> of(key))
          .isInstanceOf(UnusableCaException.class)
          .hasMessageContaining("ninefold:caKey is not the key of");
    }
    assertThatThrownBy(() -> of("encrypted"))
        .isInstanceOf(UnusableCaException.class)
        .hasMessageContaining("ninefold:caKey contains no unencrypted private key");
  }

  private static ExternalCa of(String key) throws IOException {
    return ExternalCa.of(
        read("intermediate") + read("root"), Files.readString(folder.resolve(key + ".key")));
  }

  /** Patroni's Python would refuse it, on every machine. */
  @Test
  void caWithoutRequiredExtensions_isRefused() throws IOException {
    Files.writeString(folder.resolve("lax"), "basicConstraints=critical,CA:TRUE\n");
    sign("careless", "root", "lax");

    assertThatThrownBy(() -> ca(read("careless") + read("root")))
        .isInstanceOf(UnusableCaException.class)
        .hasMessageContaining("CN=careless lacks extensions that strict clients require");
  }

  @Test
  void brokenChainsAndOtherCertificates_areRefused() {
    assertThatThrownBy(() -> ca(read("intermediate")))
        .isInstanceOf(UnusableCaException.class)
        .hasMessageContaining("is not signed by");
    assertThatThrownBy(() -> ca(read("intermediate") + read("other")))
        .isInstanceOf(UnusableCaException.class)
        .hasMessageContaining("CN=intermediate is not signed by CN=other");
    assertThatThrownBy(() -> ca(read("leaf")))
        .isInstanceOf(UnusableCaException.class)
        .hasMessageContaining("CN=leaf is not a CA");
    assertThatThrownBy(() -> ca("no certificate"))
        .isInstanceOf(UnusableCaException.class)
        .hasMessageContaining("ninefold:caCertificate");
  }

  @Test
  void otherCertificates_areNotTrusted() {
    assertThat(trusting("some words\n" + read("other")).additionalTrustedCas())
        .contains(read("other"));
    assertThatThrownBy(() -> trusting(read("other") + read("leaf")))
        .isInstanceOf(UnusableCaException.class)
        .hasMessageContaining("ninefold:additionalTrustedCas: CN=leaf is not a CA");
    assertThatThrownBy(() -> trusting("no certificate"))
        .isInstanceOf(UnusableCaException.class)
        .hasMessageContaining("ninefold:additionalTrustedCas");
  }

  private static ExternalSecrets trusting(String certificates) {
    return new ExternalSecrets(Optional.empty(), Optional.of(certificates), Optional.empty());
  }
}
