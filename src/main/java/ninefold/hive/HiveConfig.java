package ninefold.hive;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the files for Hive's machines from a stack's outputs. Of the secret ones, only those are
 * asked for that these files need.
 */
public final class HiveConfig {
  private static final List<String> SECRET_FILES = List.of("hiveSiteXml", "metastoreSiteXml");
  private static final String PASSWORDS = "passwords";

  private HiveConfig() {}

  /**
   * Writes the files; prints what they are.
   *
   * @param arguments the folder, the stack, and the words that start Pulumi
   */
  public static void main(String[] arguments) throws IOException {
    var words = List.of(arguments);
    var folder = Path.of(words.get(0));
    var pulumi = words.subList(2, words.size());
    try {
      var files = files(outputs(asked -> said(pulumi, words.get(1), asked)));
      write(folder, files);
      files.keySet().forEach(name -> System.out.println(folder.resolve(name)));
    } catch (IllegalArgumentException e) {
      System.err.println("hive-config: " + e.getMessage());
      System.exit(1);
    }
  }

  /** What {@code pulumi stack output} says, with these further words. */
  @FunctionalInterface
  interface Asked {
    byte[] said(List<String> words) throws IOException;
  }

  /** The stack's outputs; a secret one that is not needed stays masked. */
  static JsonNode outputs(Asked pulumi) throws IOException {
    var outputs = tree(pulumi.said(List.of("--json")));
    if (!(outputs instanceof ObjectNode known)) {
      throw noOutputs();
    }
    for (var name : SECRET_FILES) {
      show(known, name, pulumi);
    }
    if (inStore(known)) {
      show(known, PASSWORDS, pulumi);
    }
    return known;
  }

  private static void show(ObjectNode outputs, String name, Asked pulumi) throws IOException {
    if (outputs.has(name)) {
      outputs.set(name, tree(pulumi.said(List.of(name, "--json", "--show-secrets"))));
    }
  }

  private static boolean inStore(JsonNode outputs) {
    return outputs.path("metastore").path("password").asText().equals("store");
  }

  /** What Pulumi writes to its standard output; its errors are shown. */
  private static byte[] said(List<String> pulumi, String stack, List<String> words)
      throws IOException {
    var command = new ArrayList<>(pulumi);
    command.addAll(List.of("stack", "output"));
    command.addAll(words);
    command.addAll(List.of("--stack", stack));
    return new ProcessBuilder(command)
        .redirectInput(Redirect.INHERIT)
        .redirectError(Redirect.INHERIT)
        .start()
        .getInputStream()
        .readAllBytes();
  }

  /** A Pulumi that failed has said nothing. */
  private static JsonNode tree(byte[] json) throws IOException {
    try {
      var tree = new ObjectMapper().readTree(json);
      if (!tree.isMissingNode()) {
        return tree;
      }
    } catch (JsonProcessingException e) {
      // Its message would show a part of the text, which may be secret.
    }
    throw noOutputs();
  }

  private static IllegalArgumentException noOutputs() {
    return new IllegalArgumentException(
        "what came are no outputs of a stack; what Pulumi said stands above. Run it as"
            + " make hive-config STACK=NAME");
  }

  /** The files by name; those for a credential store among them, where the site files name one. */
  static Map<String, byte[]> files(JsonNode outputs) {
    var files = new LinkedHashMap<String, byte[]>();
    files.put("hive-site.xml", text(outputs, "hiveSiteXml"));
    files.put("metastore-site.xml", text(outputs, "metastoreSiteXml"));
    if (outputs.has("coreSiteXml")) {
      files.put("core-site.xml", text(outputs, "coreSiteXml"));
    }
    files.put(SiteFiles.AUTHORITY, text(outputs, "authorityCertificate"));
    if (inStore(outputs)) {
      var user = outputs.path("metastore").path("user").asText();
      var password = outputs.path(PASSWORDS).path(user).asText();
      files.put(SiteFiles.STORE, CredentialStore.of(SiteFiles.PASSWORD, password));
    }
    return files;
  }

  private static byte[] text(JsonNode outputs, String name) {
    if (!outputs.has(name)) {
      throw new IllegalArgumentException(
          "the stack has no output "
              + name
              + ": give a database of its description the key hive, and run pulumi up");
    }
    return outputs.get(name).asText().getBytes(UTF_8);
  }

  /**
   * Each file appears whole and is never readable by others; a password's old place is not left.
   */
  static void write(Path folder, Map<String, byte[]> files) throws IOException {
    Files.createDirectories(folder);
    var owner = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    for (var file : files.entrySet()) {
      var staged = Files.createTempFile(folder, ".new", "", owner);
      Files.write(staged, file.getValue());
      Files.move(
          staged,
          folder.resolve(file.getKey()),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    }
    if (!files.containsKey(SiteFiles.STORE)) {
      Files.deleteIfExists(folder.resolve(SiteFiles.STORE));
    }
  }
}
