package ninefold.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Looks for the stack's secrets in texts: as they are, in base64, and as a part of a URL.
 *
 * @param needles the name of the secret by each form that it may take
 */
record SecretSearch(Map<String, String> needles) {
  /** What Pulumi marks a secret with in an exported state. */
  private static final String MARK = "4dabf18193072939515e22adb298388d";

  private static final int SHORTEST = 8;

  /** Parts of a connection that are secret only because the key beside them is. */
  private static final Set<String> OPEN = Set.of("host", "user", "hostKey", MARK);

  /** What everybody may know of a key; a key's own text holds it too. */
  private static final Set<String> PUBLIC = Set.of("publicKeyOpenssh", "publicKeyPem", "certPem");

  private static final String PUBLIC_KEY = "-----BEGIN PUBLIC KEY-----";

  private static final Pattern KEY =
      Pattern.compile("-----BEGIN [A-Z ]*PRIVATE KEY-----(.*?)-----END", Pattern.DOTALL);
  private static final Pattern VERIFIER = Pattern.compile("SCRAM-SHA-256\\$[^'\\s]+");

  /** A line of a key that is the same in every key tells nothing. */
  private static final int KEY_LINE = 40;

  /** All secrets that the stack holds, and further ones by name. */
  static SecretSearch ofStack(Map<String, String> further) {
    var secrets = new LinkedHashMap<String, String>(further);
    var exported = PulumiRun.of("stack", "export", "--show-secrets").run().succeeded().said();
    var published = new StringBuilder();
    for (var resource : tree(exported).path("deployment").path("resources")) {
      var urn = resource.path("urn").asText();
      collect(resource, urn.substring(urn.lastIndexOf("::") + 2), false, secrets);
      PUBLIC.forEach(name -> publish(resource.path("outputs").path(name), published));
    }
    secrets.keySet().removeIf(secret -> published.indexOf(secret) >= 0);
    var lab = Path.of(".build/labs/containers");
    secrets.put(read(lab.resolve("passphrase")).strip(), "the passphrase of the state");
    secrets.put(read(lab.resolve("backup-passphrase")).strip(), "the passphrase of the repository");
    var needles = new LinkedHashMap<String, String>();
    secrets.forEach((secret, name) -> forms(secret).forEach(form -> needles.put(form, name)));
    return new SecretSearch(needles);
  }

  /** The same, and one more. */
  SecretSearch with(String secret, String name) {
    var more = new LinkedHashMap<>(needles);
    forms(secret).forEach(form -> more.put(form, name));
    return new SecretSearch(more);
  }

  /** The names of the secrets that stand in a text. */
  List<String> in(String text) {
    return needles.entrySet().stream()
        .filter(needle -> text.contains(needle.getKey()))
        .map(Map.Entry::getValue)
        .distinct()
        .toList();
  }

  private static void collect(
      JsonNode node, String path, boolean secret, Map<String, String> secrets) {
    if (node.isTextual() && secret) {
      parts(node.asText()).forEach(part -> secrets.putIfAbsent(part, path));
    } else if (node.has(MARK) && node.has("plaintext")) {
      collect(tree(node.get("plaintext").asText()), path, true, secrets);
    } else if (node.isObject()) {
      node.properties().stream()
          .filter(field -> !(secret && OPEN.contains(field.getKey())))
          .forEach(
              field -> collect(field.getValue(), path + "." + field.getKey(), secret, secrets));
    } else if (node.isArray()) {
      node.forEach(item -> collect(item, path, secret, secrets));
    }
  }

  /**
   * Adds a public text, in one line as parts of it would be found; a public key as it looks
   * wherever it begins, since certificates that are no more have held it too.
   */
  private static void publish(JsonNode value, StringBuilder published) {
    var text = value.has(MARK) ? tree(value.path("plaintext").asText()).asText() : value.asText();
    published.append(text.replaceAll("\\s", "")).append('\n').append(text.strip()).append('\n');
    if (text.startsWith(PUBLIC_KEY)) {
      var key = Base64.getMimeDecoder().decode(text.replaceAll("-----.*-----", ""));
      for (int before = 0; before < 3; before++) {
        var moved = new byte[before + key.length];
        System.arraycopy(key, 0, moved, before, key.length);
        published.append(Base64.getEncoder().encodeToString(moved)).append('\n');
      }
    }
  }

  /** What is secret in a value: all of it if it is one line; keys and verifiers if it is a file. */
  private static Stream<String> parts(String value) {
    if (!value.strip().contains("\n")) {
      return value.length() < SHORTEST ? Stream.empty() : Stream.of(value.strip());
    }
    var keys =
        KEY.matcher(value)
            .results()
            .flatMap(key -> key.group(1).lines())
            .map(String::strip)
            .filter(line -> line.length() >= KEY_LINE && !line.startsWith("b3BlbnNzaC1rZXktdjE"));
    var verifiers = VERIFIER.matcher(value).results().map(found -> found.group());
    return Stream.concat(keys, verifiers);
  }

  /** In base64 a value looks in three ways, by what stands before it; its ends depend on that. */
  private static List<String> forms(String secret) {
    var forms = new ArrayList<String>();
    forms.add(secret);
    forms.add(URLEncoder.encode(secret, UTF_8));
    for (int before = 0; before < 3; before++) {
      var encoded =
          Base64.getEncoder()
              .withoutPadding()
              .encodeToString((" ".repeat(before) + secret).getBytes(UTF_8));
      forms.add(encoded.substring(before == 0 ? 0 : before + 1, encoded.length() - 2));
    }
    return forms;
  }

  static JsonNode tree(String json) {
    try {
      return new ObjectMapper().readTree(json);
    } catch (JsonProcessingException e) {
      throw new LabFailure("no JSON: " + e.getOriginalMessage());
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
