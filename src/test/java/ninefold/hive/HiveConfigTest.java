package ninefold.hive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what {@code make hive-config} writes from a stack's outputs. */
class HiveConfigTest {
  @TempDir private Path folder;

  private static ObjectNode outputs(String place) throws IOException {
    return (ObjectNode)
        new ObjectMapper()
            .readTree(
                """
                {"hiveSiteXml": "<h/>", "metastoreSiteXml": "<m/>", "coreSiteXml": "<c/>",
                 "authorityCertificate": "PEM", "passwords": {"hive": "s3cret"},
                 "metastore": {"user": "hive", "password": "%s"}}
                """
                    .formatted(place));
  }

  @Test
  void filesAreReadableByTheirOwnerOnly() throws IOException {
    HiveConfig.write(folder, HiveConfig.files(outputs("site")));

    try (var files = Files.list(folder)) {
      assertThat(files)
          .extracting(file -> file.getFileName().toString())
          .containsExactlyInAnyOrder(
              "hive-site.xml", "metastore-site.xml", "core-site.xml", "authority.crt");
    }
    assertThat(folder.resolve("metastore-site.xml")).hasContent("<m/>");
    for (var name : HiveConfig.files(outputs("site")).keySet()) {
      assertThat(Files.getPosixFilePermissions(folder.resolve(name)))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
  }

  @Test
  void fileThatOthersCanRead_isReplaced() throws IOException {
    var old = Files.writeString(folder.resolve("hive-site.xml"), "old");
    Files.setPosixFilePermissions(old, PosixFilePermissions.fromString("rw-r--r--"));

    HiveConfig.write(folder, Map.of("hive-site.xml", "new".getBytes(UTF_8)));

    assertThat(old).hasContent("new");
    assertThat(Files.getPosixFilePermissions(old))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void unusedCredentialStore_isDeleted() throws IOException {
    HiveConfig.write(folder, HiveConfig.files(outputs("store")));
    assertThat(folder.resolve("metastore.jceks")).exists();

    HiveConfig.write(folder, HiveConfig.files(outputs("site")));

    assertThat(folder.resolve("metastore.jceks")).doesNotExist();
  }

  @Test
  void withoutFileSystem_hasNoCoreSite() throws IOException {
    assertThat(HiveConfig.files(outputs("site").without("coreSiteXml")))
        .containsKey("hive-site.xml")
        .doesNotContainKey("core-site.xml");
  }

  @ParameterizedTest
  @CsvSource({"site, false", "store, true"})
  void onlyNeededSecretsAreRead(String place, boolean password) throws IOException {
    var masked = outputs(place);
    for (var secret : List.of("hiveSiteXml", "metastoreSiteXml", "passwords", "authorityKeys")) {
      masked.put(secret, "[secret]");
    }
    var calls = new ArrayList<String>();

    var outputs =
        HiveConfig.outputs(
            options -> {
              calls.add(String.join(" ", options));
              var answer = options.size() == 1 ? masked : outputs(place).get(options.get(0));
              return answer.toString().getBytes(UTF_8);
            });

    assertThat(calls)
        .startsWith(
            "--json", "hiveSiteXml --json --show-secrets", "metastoreSiteXml --json --show-secrets")
        .hasSize(password ? 4 : 3);
    assertThat(HiveConfig.files(outputs).get("hive-site.xml")).asString().isEqualTo("<h/>");
    assertThat(outputs.get("authorityKeys").asText()).isEqualTo("[secret]");
    assertThat(outputs.path("passwords").path("hive").asText()).isEqualTo(password ? "s3cret" : "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "error: no stack", "{\"hiveSiteXml\""})
  void invalidOutputs_areRefused(String output) {
    assertThatThrownBy(() -> HiveConfig.outputs(options -> output.getBytes(UTF_8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("make hive-config STACK=NAME");
  }

  @Test
  void credentialStoreContainsThePassword() throws Exception {
    var store = KeyStore.getInstance("JCEKS");
    store.load(
        new ByteArrayInputStream(HiveConfig.files(outputs("store")).get("metastore.jceks")),
        "none".toCharArray());

    var key = store.getKey("javax.jdo.option.ConnectionPassword", "none".toCharArray());
    assertThat(key.getEncoded()).asString().isEqualTo("s3cret");
  }

  @Test
  void stackWithoutMetastore_isReported() throws IOException {
    var outputs = outputs("site").without("hiveSiteXml");

    assertThatThrownBy(() -> HiveConfig.files(outputs))
        .hasMessageContaining("no output hiveSiteXml")
        .hasMessageContaining("the key hive");
  }
}
