package ninefold.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Secret;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import ninefold.Descriptions;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Validates the manifests with the models of Kubernetes' Java client. */
class KubernetesManifestsTest {
  private static final String PEM =
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  private static final KubernetesManifests MANIFESTS =
      new KubernetesManifests(
          Descriptions.three(
              "4GiB",
              """
              postgresql: {maxConnections: 300}
              databases:
                - {name: app, owner: me}
                - {name: yes, owner: "null"}
                - {name: odd_name_, owner: me}
              """));
  private static final String SECRETS =
      MANIFESTS.secrets(Map.of("me", "p: 'w\"\n#", "null", "0123"));

  @Test
  void configMapMatchesSchema() throws IOException {
    var config = only(MANIFESTS.configMap(PEM));

    V1ConfigMap.validateJsonElement(config);
    var map = V1ConfigMap.fromJson(config.toString());
    assertThat(map.getMetadata().getName()).isEqualTo("trio-postgresql");
    assertThat(map.getData())
        .containsEntry("authority.crt", PEM)
        .containsEntry(
            "app.jdbcUrl",
            "jdbc:postgresql://10.0.0.9:5000/app?sslmode=verify-full"
                + "&sslrootcert=/etc/postgresql-client/authority.crt")
        .containsEntry("app.user", "me");
    assertThat(map.getData().get("pg_service.conf"))
        .contains("[app]\nhost=10.0.0.9\nport=5000\ndbname=app\nuser=me\nsslmode=verify-full\n")
        .contains("sslrootcert=/etc/postgresql-client/authority.crt\n");
    assertThat(map.getData().keySet()).allMatch(key -> key.matches("[-._a-zA-Z0-9]{1,253}"));
  }

  @Test
  void secretsMatchSchema() throws IOException {
    var secrets = new ArrayList<V1Secret>();
    for (var manifest : all(SECRETS)) {
      V1Secret.validateJsonElement(manifest);
      secrets.add(V1Secret.fromJson(manifest.toString()));
    }

    assertThat(secrets)
        .extracting(secret -> secret.getMetadata().getName())
        .containsExactly("trio-app", "trio-yes", "trio-odd-name-0")
        .allMatch(name -> name.matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?"));
    assertThat(secrets.get(0).getStringData())
        .containsEntry("username", "me")
        .containsEntry("password", "p: 'w\"\n#")
        .containsEntry("port", "5000");
    assertThat(secrets.get(1).getStringData())
        .as("texts that look like other YAML types stay texts")
        .containsEntry("database", "yes")
        .containsEntry("username", "null")
        .containsEntry("password", "0123");
  }

  /** The validation itself works: a misspelled key fails it. */
  @Test
  void schemaRejectsUnknownFields() throws IOException {
    var wrong = only(MANIFESTS.configMap(PEM)).getAsJsonObject();
    wrong.add("datum", wrong.remove("data"));

    assertThat(
            org.assertj.core.api.Assertions.catchThrowable(
                () -> V1ConfigMap.validateJsonElement(wrong)))
        .hasMessageContaining("datum");
  }

  private static JsonElement only(String yaml) throws JsonProcessingException {
    return all(yaml).get(0);
  }

  private static List<JsonElement> all(String yaml) throws JsonProcessingException {
    var manifests = new ArrayList<JsonElement>();
    for (var manifest : new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(yaml)) {
      manifests.add(JsonParser.parseString(new ObjectMapper().writeValueAsString(manifest)));
    }
    return manifests;
  }
}
