package ninefold.verdict;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Facts about PgBouncer on one node.
 *
 * @param config its effective settings, by name
 * @param databases its databases
 * @param pools its pools
 * @param answers whether it answers clients
 */
public record PgBouncerFacts(
    FactsSection<Map<String, String>> config,
    FactsSection<List<Database>> databases,
    FactsSection<List<Pool>> pools,
    FactsSection<Boolean> answers) {

  /**
   * A database of PgBouncer.
   *
   * @param name the name clients use
   * @param host PostgreSQL's address
   * @param port PostgreSQL's port
   * @param poolSize the size of the pool
   * @param poolMode the pool mode; empty for {@code pool_mode} of the configuration
   * @param clients the number of clients that it accepts; 0 for no limit
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
   * @param waiting the number of clients that wait for a server connection
   * @param longest how long the first of them has been waiting, in seconds
   */
  public record Pool(String database, String user, int waiting, double longest) {}
}
