package ninefold.secret;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.shaded.com.ongres.scram.common.ScramFunctions;
import org.postgresql.shaded.com.ongres.scram.common.ScramMechanism;
import org.postgresql.shaded.com.ongres.scram.common.StringPreparation;

class ScramVerifierTest {
  private static final ScramMechanism SHA_256 = ScramMechanism.SCRAM_SHA_256;

  /** The exchange in RFC 7677, section 3: user {@code user}, password {@code pencil}. */
  @Test
  void verifiesTheExampleOfTheStandard() throws GeneralSecurityException {
    var nonce = "rOprNGfwEbeRWgbNEkqO";
    var bothNonces = nonce + "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    var salt = "W22ZaJ0SNY7soEsUEjb6gQ==";
    var exchange =
        "n=user,r=%s,r=%s,s=%s,i=4096,c=biws,r=%s".formatted(nonce, bothNonces, salt, bothNonces);

    var verifier = new Parts(ScramVerifier.of(bytes(salt), "pencil"));

    assertThat(verifier.salt()).isEqualTo(salt);
    assertThat(ScramFunctions.serverSignature(SHA_256, bytes(verifier.serverKey()), exchange))
        .isEqualTo(bytes("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
    var proof = bytes("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
    var signature = ScramFunctions.clientSignature(SHA_256, bytes(verifier.storedKey()), exchange);
    assertThat(ScramFunctions.hash(SHA_256, xor(proof, signature)))
        .isEqualTo(bytes(verifier.storedKey()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a", "pencil", "N7 x!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~", "0123456789abcdef"})
  void equalsTheVerifierOfTheJdbcDriversLibrary(String password) {
    var verifier = new Parts(ScramVerifier.of("trio", "app", password));

    var salted =
        ScramFunctions.saltedPassword(
            SHA_256,
            StringPreparation.POSTGRESQL_PREPARATION,
            password.toCharArray(),
            bytes(verifier.salt()),
            verifier.iterations());
    var clientKey = ScramFunctions.clientKey(SHA_256, salted);
    assertThat(bytes(verifier.storedKey())).isEqualTo(ScramFunctions.storedKey(SHA_256, clientKey));
    assertThat(bytes(verifier.serverKey())).isEqualTo(ScramFunctions.serverKey(SHA_256, salted));
  }

  @Test
  void isStable_andDifferentForEachUserAndCluster() {
    var verifier = ScramVerifier.of("trio", "app", "secret");

    assertThat(verifier)
        .isEqualTo(ScramVerifier.of("trio", "app", "secret"))
        .doesNotContain("secret")
        .startsWith("SCRAM-SHA-256$4096:");
    assertThat(
            Arrays.asList(
                verifier,
                ScramVerifier.of("trio", "other", "secret"),
                ScramVerifier.of("other", "app", "secret"),
                ScramVerifier.of("trio", "app", "other")))
        .doesNotHaveDuplicates();
    assertThat(new Parts(verifier).salt())
        .isNotEqualTo(new Parts(ScramVerifier.of("trio", "other", "secret")).salt());
  }

  /**
   * {@code SCRAM-SHA-256$iterations:salt$storedKey:serverKey}, the format that PostgreSQL stores.
   */
  private record Parts(int iterations, String salt, String storedKey, String serverKey) {
    Parts(String verifier) {
      this(verifier.split("[$:]"));
    }

    private Parts(String[] parts) {
      this(Integer.parseInt(parts[1]), parts[2], parts[3], parts[4]);
      assertThat(parts).hasSize(5).startsWith("SCRAM-SHA-256");
    }
  }

  private static byte[] bytes(String base64) {
    return Base64.getDecoder().decode(base64.getBytes(UTF_8));
  }

  private static byte[] xor(byte[] one, byte[] other) {
    var both = new byte[one.length];
    for (int i = 0; i < one.length; i++) {
      both[i] = (byte) (one[i] ^ other[i]);
    }
    return both;
  }
}
