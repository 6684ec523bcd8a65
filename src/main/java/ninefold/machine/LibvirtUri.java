package ninefold.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import ninefold.description.Machines;

/**
 * The URI at which the provider reaches a hypervisor. Over ssh the host key is pinned, and the
 * description's URI cannot switch that off.
 */
final class LibvirtUri {
  private static final int SSH_PORT = 22;

  private final Machines.Hypervisor hypervisor;
  private final Optional<Path> key;
  private final Path folder;

  /**
   * Creates the URI of a hypervisor.
   *
   * @param hypervisor the hypervisor
   * @param key the path of the private key for ssh; if absent, one of the user's keys
   * @param folder the folder to which a known_hosts file of each hypervisor is written
   */
  LibvirtUri(Machines.Hypervisor hypervisor, Optional<Path> key, Path folder) {
    this.hypervisor = hypervisor;
    this.key = key;
    this.folder = folder;
  }

  /**
   * Returns the URI, and writes the known_hosts file that it names.
   *
   * @throws UnusableMachinesException if the description's URI changes how the host key is
   *     verified, or the private key cannot be read
   */
  String text() {
    var uri = URI.create(hypervisor.uri());
    if (!uri.getScheme().endsWith("+ssh")) {
      return hypervisor.uri();
    }
    var query = Optional.ofNullable(uri.getRawQuery()).orElse("");
    if (query.matches(".*\\b(no_verify|known_hosts_verify|knownhosts)\\b.*")) {
      throw new UnusableMachinesException(
          "hypervisor "
              + hypervisor.name()
              + ": "
              + hypervisor.uri()
              + " changes the verification of its host key; set 'hostKey' in the description"
              + " instead");
    }
    Map<String, String> options = new LinkedHashMap<>();
    options.put("sshauth", "privkey");
    key.ifPresent(file -> options.put("keyfile", readable(file)));
    options.put("knownhosts", knownHosts(uri).toString());
    var added =
        options.entrySet().stream()
            .map(option -> option.getKey() + "=" + encoded(option.getValue()))
            .collect(Collectors.joining("&"));
    return hypervisor.uri() + (query.isEmpty() ? "?" : "&") + added;
  }

  /** Returns the hypervisor's line of a known_hosts file. */
  String knownHostsLine(URI uri) {
    var port = uri.getPort() == -1 ? SSH_PORT : uri.getPort();
    var host = port == SSH_PORT ? uri.getHost() : "[" + uri.getHost() + "]:" + port;
    return host + " " + hypervisor.hostKey().orElseThrow() + "\n";
  }

  private Path knownHosts(URI uri) {
    var file = folder.resolve(hypervisor.name() + ".known_hosts").toAbsolutePath().normalize();
    try {
      Files.createDirectories(file.getParent());
      return Files.writeString(file, knownHostsLine(uri));
    } catch (IOException e) {
      throw new UncheckedIOException(file.toString(), e);
    }
  }

  private String readable(Path file) {
    if (!Files.isReadable(file)) {
      throw new UnusableMachinesException(
          "hypervisor "
              + hypervisor.name()
              + ": the key "
              + file
              + " does not exist or cannot be read; ninefold:hypervisorKey names it");
    }
    return file.toAbsolutePath().normalize().toString();
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }
}
