package ninefold.verdict;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * PgBouncer on one node.
 *
 * @param config its effective settings, by name
 * @param databases the databases it knows
 * @param pools its pools
 * @param answers whether it answers clients
 */
public record PgBouncerFacts(
    FactsSection<Map<String, String>> config,
    FactsSection<List<Database>> databases,
    FactsSection<List<Pool>> pools,
    FactsSection<Boolean> answers) {

  /**
   * A database that it leads to.
   *
   * @param name the name clients use
   * @param host where PostgreSQL is
   * @param port PostgreSQL's port
   * @param poolSize server connections
   * @param poolMode when a server connection goes back to the pool; empty for the usual
   * @param clients client connections that it accepts; 0 for no limit
   */
  public record Database(
      String name,
      Optional<String> host,
      int port,
      @JsonProperty("pool_size") int poolSize,
      @JsonProperty("pool_mode") Optional<String> poolMode,
      @JsonProperty("max_db_client_connections") Optional<Integer> clients) {}

  /**
   * A pool.
   *
   * @param database its database
   * @param user its user
   * @param waiting clients that wait for a server connection
   * @param longest how long the first of them has waited, s
   */
  public record Pool(String database, String user, int waiting, double longest) {}
}
