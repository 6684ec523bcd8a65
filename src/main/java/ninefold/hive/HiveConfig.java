package ninefold.hive;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes the files for Hive's machines from a stack's outputs, which are read as JSON from the
 * standard input: {@code pulumi stack output --json --show-secrets}.
 */
public final class HiveConfig {
  private HiveConfig() {}

  /**
   * Writes the files into the folder that the first argument names; prints what they are.
   *
   * @param arguments the folder
   */
  public static void main(String[] arguments) throws IOException {
    var folder = Path.of(arguments[0]);
    try {
      var files = files(outputs(System.in.readAllBytes()));
      write(folder, files);
      files.keySet().forEach(name -> System.out.println(folder.resolve(name)));
    } catch (IllegalArgumentException e) {
      System.err.println("hive-config: " + e.getMessage());
      System.exit(1);
    }
  }

  /** The stack's outputs; nothing at all is what a Pulumi that failed has said. */
  static JsonNode outputs(byte[] json) throws IOException {
    try {
      var outputs = new ObjectMapper().readTree(json);
      if (outputs.isObject()) {
        return outputs;
      }
    } catch (JsonProcessingException e) {
      // Its message would show a part of the text, which may be secret.
    }
    throw new IllegalArgumentException(
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
    var metastore = outputs.path("metastore");
    if (metastore.path("password").asText().equals("store")) {
      var password = outputs.path("passwords").path(metastore.path("user").asText()).asText();
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
