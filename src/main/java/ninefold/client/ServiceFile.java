package ninefold.client;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import ninefold.description.Cluster;
import ninefold.description.Database;
import ninefold.render.Template;

/**
 * libpq's {@code pg_service.conf}. Each database has two services: its name, and its name with
 * {@code -read-only}.
 */
public final class ServiceFile {
  private ServiceFile() {}

  /**
   * Returns the file's text.
   *
   * @param cluster the cluster
   * @param authority the path of the CA's certificate on the client's machine
   */
  public static String of(Cluster cluster, String authority) {
    return Template.render(
        "client/pg_service.conf.ftl",
        Map.of(
            "address", cluster.network().virtualAddress(),
            "authority", authority,
            "services",
                cluster.databases().stream()
                    .flatMap(database -> services(cluster, database))
                    .toList()));
  }

  /**
   * A section of the file.
   *
   * @param name the service's name
   * @param port the balancers' port
   * @param database the database
   * @param user its owner
   */
  public record Service(String name, int port, String database, String user) {}

  private static Stream<Service> services(Cluster cluster, Database database) {
    var ports = cluster.balancing();
    return List.of(
        new Service(database.name(), ports.readWritePort(), database.name(), database.owner()),
        new Service(
            database.name() + "-read-only",
            ports.readOnlyPort(),
            database.name(),
            database.owner()))
        .stream();
  }
}
