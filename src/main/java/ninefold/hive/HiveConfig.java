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
 * Writes the configuration files of a Hive Metastore from a stack's outputs. It reads only those
 * secret outputs that the files need.
 */
public final class HiveConfig {
  private static final List<String> SECRET_FILES = List.of("hiveSiteXml", "metastoreSiteXml");
  private static final String PASSWORDS = "passwords";

  private HiveConfig() {}

  /**
   * Writes the files and prints their paths. If the stack's outputs cannot be used, it prints why
   * and exits with status 1.
   *
   * @param arguments the folder, the stack, and the command that runs Pulumi
   * @throws IOException if a file cannot be written, or Pulumi cannot be run
   */
  public static void main(String[] arguments) throws IOException {
    var words = List.of(arguments);
    var folder = Path.of(words.get(0));
    var pulumi = words.subList(2, words.size());
    try {
      var files = files(outputs(options -> stackOutput(pulumi, words.get(1), options)));
      write(folder, files);
      files.keySet().forEach(name -> System.out.println(folder.resolve(name)));
    } catch (IllegalArgumentException e) {
      System.err.println("hive-config: " + e.getMessage());
      System.exit(1);
    }
  }

  /** Runs {@code pulumi stack output}. */
  @FunctionalInterface
  interface StackOutput {
    /** Returns the standard output of {@code pulumi stack output} with these options. */
    byte[] run(List<String> options) throws IOException;
  }

  /** Returns the stack's outputs; secrets that are not needed stay masked. */
  static JsonNode outputs(StackOutput pulumi) throws IOException {
    var json = parse(pulumi.run(List.of("--json")));
    if (!(json instanceof ObjectNode outputs)) {
      throw noOutputs();
    }
    for (var name : SECRET_FILES) {
      unmask(outputs, name, pulumi);
    }
    if (usesCredentialStore(outputs)) {
      unmask(outputs, PASSWORDS, pulumi);
    }
    return outputs;
  }

  private static void unmask(ObjectNode outputs, String name, StackOutput pulumi)
      throws IOException {
    if (outputs.has(name)) {
      outputs.set(name, parse(pulumi.run(List.of(name, "--json", "--show-secrets"))));
    }
  }

  private static boolean usesCredentialStore(JsonNode outputs) {
    return outputs.path("metastore").path("password").asText().equals("store");
  }

  /** Returns Pulumi's standard output; its errors go to this program's. */
  private static byte[] stackOutput(List<String> pulumi, String stack, List<String> options)
      throws IOException {
    var command = new ArrayList<>(pulumi);
    command.addAll(List.of("stack", "output"));
    command.addAll(options);
    command.addAll(List.of("--stack", stack));
    return new ProcessBuilder(command)
        .redirectInput(Redirect.INHERIT)
        .redirectError(Redirect.INHERIT)
        .start()
        .getInputStream()
        .readAllBytes();
  }

  /** Parses JSON. After an error, Pulumi's output is empty, which Jackson reads as missing. */
  private static JsonNode parse(byte[] json) throws IOException {
    try {
      var tree = new ObjectMapper().readTree(json);
      if (!tree.isMissingNode()) {
        return tree;
      }
    } catch (JsonProcessingException e) {
      // Its message would quote the text, which may be a secret.
    }
    throw noOutputs();
  }

  private static IllegalArgumentException noOutputs() {
    return new IllegalArgumentException(
        "Pulumi printed no outputs of a stack; its error is above. Run it as"
            + " make hive-config STACK=NAME");
  }

  /** Returns the files by name, with a credential store if the site files name one. */
  static Map<String, byte[]> files(JsonNode outputs) {
    var files = new LinkedHashMap<String, byte[]>();
    files.put("hive-site.xml", text(outputs, "hiveSiteXml"));
    files.put("metastore-site.xml", text(outputs, "metastoreSiteXml"));
    if (outputs.has("coreSiteXml")) {
      files.put("core-site.xml", text(outputs, "coreSiteXml"));
    }
    files.put(SiteFiles.AUTHORITY, text(outputs, "authorityCertificate"));
    if (usesCredentialStore(outputs)) {
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
              + ": add the key hive to a database of its description, and run pulumi up");
    }
    return outputs.get(name).asText().getBytes(UTF_8);
  }

  /**
   * Writes each file atomically and with mode 0600, and deletes a credential store that the files
   * no longer use.
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
