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
 * Searches texts for the stack's secrets: verbatim, in base64, and URL-encoded.
 *
 * @param needles the name of the secret, by each of its forms
 */
record SecretSearch(Map<String, String> needles) {
  /** The key that marks a secret in an exported state of Pulumi. */
  private static final String SECRET_MARK = "4dabf18193072939515e22adb298388d";

  private static final int SHORTEST = 8;

  /** Parts of a connection that are marked as secret only because it contains a key. */
  private static final Set<String> PUBLIC_PARTS = Set.of("host", "user", "hostKey", SECRET_MARK);

  /** The public part of a key, which the text of a private key also contains. */
  private static final Set<String> PUBLIC = Set.of("publicKeyOpenssh", "publicKeyPem", "certPem");

  private static final String PUBLIC_KEY = "-----BEGIN PUBLIC KEY-----";

  private static final Pattern KEY =
      Pattern.compile("-----BEGIN [A-Z ]*PRIVATE KEY-----(.*?)-----END", Pattern.DOTALL);
  private static final Pattern VERIFIER = Pattern.compile("SCRAM-SHA-256\\$[^'\\s]+");

  /**
   * The least length of a line of a key that is searched for: shorter lines may be the same in
   * every key.
   */
  private static final int KEY_LINE = 40;

  /** Searches for all secrets of the stack and further ones, which map a secret to its name. */
  static SecretSearch ofStack(Map<String, String> further) {
    var secrets = new LinkedHashMap<String, String>(further);
    var exported = PulumiRun.of("stack", "export", "--show-secrets").run().succeeded().output();
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

  /** Returns a search for one more secret. */
  SecretSearch with(String secret, String name) {
    var more = new LinkedHashMap<>(needles);
    forms(secret).forEach(form -> more.put(form, name));
    return new SecretSearch(more);
  }

  /** Returns the names of the secrets that a text contains. */
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
    } else if (node.has(SECRET_MARK) && node.has("plaintext")) {
      collect(tree(node.get("plaintext").asText()), path, true, secrets);
    } else if (node.isObject()) {
      node.properties().stream()
          .filter(field -> !(secret && PUBLIC_PARTS.contains(field.getKey())))
          .forEach(
              field -> collect(field.getValue(), path + "." + field.getKey(), secret, secrets));
    } else if (node.isArray()) {
      node.forEach(item -> collect(item, path, secret, secrets));
    }
  }

  /**
   * Adds a public text, also without its line breaks. A public key is added in all three base64
   * alignments, since former certificates contain it at different offsets.
   */
  private static void publish(JsonNode value, StringBuilder published) {
    var text =
        value.has(SECRET_MARK) ? tree(value.path("plaintext").asText()).asText() : value.asText();
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

  /**
   * Returns the secret parts of a value: all of it if it is a single line, otherwise the keys and
   * verifiers in it.
   */
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

  /**
   * In base64 a value has three forms, depending on the number of bytes before it. The first and
   * last characters also depend on its neighbours, so they are left out.
   */
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
      throw new LabFailure("not JSON: " + e.getOriginalMessage());
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
