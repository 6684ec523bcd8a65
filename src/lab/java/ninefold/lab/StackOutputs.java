package ninefold.lab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The stack's outputs, with the accessors that an application needs. */
final class StackOutputs {
  private final JsonNode outputs;
  private final Path authority;

  private StackOutputs(JsonNode outputs, Path authority) {
    this.outputs = outputs;
    this.authority = authority;
  }

  /** Reads the outputs of the lab's stack, and saves the CA's certificate for clients. */
  static StackOutputs of(Lab lab) {
    try {
      var outputs = new ObjectMapper().readTree(lab.outputs());
      var authority = Path.of("target", "lab", "authority.crt").toAbsolutePath();
      Files.createDirectories(authority.getParent());
      Files.writeString(authority, text(outputs, "authorityCertificate"));
      return new StackOutputs(outputs, authority);
    } catch (JsonProcessingException e) {
      throw new LabFailure("the stack's outputs are not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One machine of the inventory. */
  record Machine(String name, String address, List<String> roles) {}

  List<Machine> inventory() {
    return stream(required(outputs, "inventory")).map(StackOutputs::machine).toList();
  }

  /** The names of the machines with a role. */
  List<String> nodes(String role) {
    return inventory().stream()
        .filter(machine -> machine.roles().contains(role))
        .map(Machine::name)
        .toList();
  }

  String address(String node) {
    return inventory().stream()
        .filter(machine -> machine.name().equals(node))
        .map(Machine::address)
        .findFirst()
        .orElseThrow(() -> new LabFailure("the inventory has no " + node));
  }

  /** Returns an output that is a single text. */
  String single(String name) {
    return text(outputs, name);
  }

  /** The name of the application's database. */
  String database() {
    return text(application(), "name");
  }

  String user() {
    return text(application(), "user");
  }

  /** The endpoint for writes, as address and port. */
  String readWrite() {
    return text(outputs, "readWriteEndpoint");
  }

  /** The endpoint for reads, as address and port. */
  String readOnly() {
    return text(outputs, "readOnlyEndpoint");
  }

  /** The address that the balancers share. */
  String virtualAddress() {
    return readWrite().substring(0, readWrite().lastIndexOf(':'));
  }

  /** Returns a JDBC URL of the application's database at an endpoint. */
  String jdbcUrl(String endpoint) {
    return "jdbc:postgresql://" + endpoint + "/" + database();
  }

  /**
   * Returns the properties that a careful application sets: verified TLS, and a timeout for
   * everything.
   */
  Properties jdbcProperties() {
    var properties = new Properties();
    properties.setProperty("user", user());
    properties.setProperty("password", password(user()));
    properties.setProperty("sslmode", "verify-full");
    properties.setProperty("sslrootcert", authority.toString());
    properties.setProperty("connectTimeout", "2");
    properties.setProperty("loginTimeout", "5");
    properties.setProperty("socketTimeout", "5");
    properties.setProperty("tcpKeepAlive", "true");
    return properties;
  }

  /** The password of a database's user. */
  String password(String user) {
    return text(required(outputs, "passwords"), user);
  }

  private JsonNode application() {
    return required(required(outputs, "databases"), 0);
  }

  private static Machine machine(JsonNode node) {
    var roles = stream(required(node, "roles")).map(JsonNode::asText).toList();
    return new Machine(text(node, "name"), text(node, "address"), roles);
  }

  private static Stream<JsonNode> stream(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false);
  }

  private static String text(JsonNode node, String key) {
    return required(node, key).asText();
  }

  private static JsonNode required(JsonNode node, String key) {
    if (!node.has(key)) {
      throw new LabFailure("the stack's outputs lack " + key + ": run lab/lab containers deploy");
    }
    return node.get(key);
  }

  private static JsonNode required(JsonNode list, int index) {
    if (!list.has(index)) {
      throw new LabFailure("the stack's description names no database");
    }
    return list.get(index);
  }
}
