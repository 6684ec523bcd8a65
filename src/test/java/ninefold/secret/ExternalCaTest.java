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

/** An authority of the users' own: an intermediate, vouched for by a root. */
class ExternalCaTest {
  private static final String KEY = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";

  @TempDir private static Path folder;

  @BeforeAll
  static void makeAuthorities() throws IOException {
    Files.writeString(
        folder.resolve("authority"),
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
    sign("intermediate", "root", "authority");
    sign("leaf", "intermediate", "service");
    sign("stranger", "other", "service");
  }

  private static void sign(String name, String authority, String extensions) {
    openssl("req " + KEY + " -subj /CN=%1$s -keyout %1$s.key -out %1$s.csr".formatted(name));
    openssl(
        "x509 -req -in %1$s.csr -CA %2$s.crt -CAkey %2$s.key -CAcreateserial -days 2 -extfile %3$s -out %1$s.crt"
            .formatted(name, authority, extensions));
  }

  private static void openssl(String arguments) {
    var ended = TestProcess.run("bash", "-c", "cd '" + folder + "' && openssl " + arguments);
    assertThat(ended.status()).as(ended.said()).isZero();
  }

  private static String read(String name) {
    try {
      return Files.readString(folder.resolve(name + ".crt"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ExternalCa given(String certificates) {
    return new ExternalCa(certificates, Output.of("a key"));
  }

  @Test
  void theFirstCertificateSigns_itsParentsAreShown() {
    var authority = given(read("intermediate") + "some words\n" + read("root"));

    assertThat(authority.signer()).isEqualTo(read("intermediate"));
    assertThat(authority.intermediates()).isEqualTo(read("intermediate"));
    assertThat(authority.chain()).isEqualTo(read("intermediate") + read("root"));
  }

  @Test
  void aRootAloneShowsNothingBesideTheService() {
    assertThat(given(read("root")).intermediates()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ec -in intermediate.key", "pkcs8 -topk8 -nocrypt -in intermediate.key"})
  void itsKeyIsReadInEachForm(String form) throws IOException {
    openssl(form + " -out form.key");

    assertThat(of("form").signer()).isEqualTo(read("intermediate"));
  }

  /** What may stand before a key, and older forms of it, the provider that signs doesn't read. */
  @Test
  void itsKeyIsHandedOnInOneForm() throws IOException {
    openssl("ecparam -name prime256v1 -out both.key");
    openssl("ec -in intermediate.key >>both.key");
    assertThat(folder.resolve("both.key")).content().startsWith("-----BEGIN EC PARAMETERS-----");

    Files.writeString(folder.resolve("handed.key"), plain(of("both").key()));

    openssl("pkey -in handed.key -pubout -out handed.pub");
    openssl("pkey -in intermediate.key -pubout -out intermediate.pub");
    assertThat(folder.resolve("handed.key")).content().startsWith("-----BEGIN PRIVATE KEY-----");
    assertThat(folder.resolve("handed.pub"))
        .hasSameTextualContentAs(folder.resolve("intermediate.pub"));
  }

  private static String plain(Output<String> output) {
    var value = new CompletableFuture<String>();
    output.applyValue(value::complete);
    return value.join();
  }

  @Test
  void whatHasEndedIsRefused() {
    openssl("req " + KEY + " -subj /CN=old -keyout old.key -out old.csr");
    openssl(
        "x509 -req -in old.csr -CA root.crt -CAkey root.key -CAcreateserial -days -1 -extfile authority -out old.crt");

    assertThatThrownBy(() -> given(read("old") + read("root")))
        .isInstanceOf(UnusableCaException.class)
        .hasMessageContaining("ninefold:caCertificate: CN=old is valid from");
    assertThatThrownBy(() -> trusting(read("other") + read("old")))
        .isInstanceOf(UnusableCaException.class)
        .hasMessageContaining("ninefold:additionalTrustedCas: CN=old is valid from");
  }

  @Test
  void aKeyThatIsNotItsOwnIsRefused() throws IOException {
    openssl("genrsa -out rsa.key 2048");
    openssl("pkcs8 -topk8 -passout pass:word -in intermediate.key -out encrypted.key");

    for (var another : List.of("root", "rsa")) {
      assertThatThrownBy(() -> of(another))
          .isInstanceOf(UnusableCaException.class)
          .hasMessageContaining("ninefold:caKey is not the key of");
    }
    assertThatThrownBy(() -> of("encrypted"))
        .isInstanceOf(UnusableCaException.class)
        .hasMessageContaining("ninefold:caKey holds no private key");
  }

  private static ExternalCa of(String key) throws IOException {
    return ExternalCa.of(
        read("intermediate") + read("root"), Files.readString(folder.resolve(key + ".key")));
  }

  /** As Patroni's Python would refuse it, on every machine. */
  @Test
  void whatStrictClientsRefuseIsRefused() throws IOException {
    Files.writeString(folder.resolve("lax"), "basicConstraints=critical,CA:TRUE\n");
    sign("careless", "root", "lax");

    assertThatThrownBy(() -> given(read("careless") + read("root")))
        .isInstanceOf(UnusableCaException.class)
        .hasMessageContaining("CN=careless lacks what strict clients ask for");
  }

  @Test
  void whatCanNotSignIsRefused() {
    assertThatThrownBy(() -> given(read("intermediate")))
        .isInstanceOf(UnusableCaException.class)
        .hasMessageContaining("is not signed by");
    assertThatThrownBy(() -> given(read("intermediate") + read("other")))
        .isInstanceOf(UnusableCaException.class)
        .hasMessageContaining("CN=intermediate is not signed by CN=other");
    assertThatThrownBy(() -> given(read("leaf")))
        .isInstanceOf(UnusableCaException.class)
        .hasMessageContaining("CN=leaf is no authority");
    assertThatThrownBy(() -> given("no certificate"))
        .isInstanceOf(UnusableCaException.class)
        .hasMessageContaining("ninefold:caCertificate");
  }

  @Test
  void whatIsNoAuthorityIsNotTrustedEither() {
    assertThat(trusting("some words\n" + read("other")).alsoTrusted()).contains(read("other"));
    assertThatThrownBy(() -> trusting(read("other") + read("leaf")))
        .isInstanceOf(UnusableCaException.class)
        .hasMessageContaining("ninefold:additionalTrustedCas: CN=leaf is no authority");
    assertThatThrownBy(() -> trusting("no certificate"))
        .isInstanceOf(UnusableCaException.class)
        .hasMessageContaining("ninefold:additionalTrustedCas");
  }

  private static ExternalSecrets trusting(String certificates) {
    return new ExternalSecrets(Optional.empty(), Optional.of(certificates), Optional.empty());
  }
}
