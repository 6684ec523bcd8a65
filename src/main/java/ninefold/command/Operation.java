package ninefold.command;

import java.util.Optional;

/** A change that an operator requests and Patroni carries out. */
sealed interface Operation {

  /**
   * Makes a different member the leader.
   *
   * @param candidate the next leader; the best candidate if empty
   */
  record Switchover(Optional<String> candidate) implements Operation {}

  /**
   * Restarts PostgreSQL.
   *
   * @param member the member; all members if empty
   */
  record Restart(Optional<String> member) implements Operation {}

  /**
   * Makes Patroni and PostgreSQL read their configuration again.
   *
   * @param member the member; all members if empty
   */
  record Reload(Optional<String> member) implements Operation {}

  /**
   * Deletes a replica's data and creates it again.
   *
   * @param member the replica
   */
  record Reinit(String member) implements Operation {}

  /** Pauses Patroni, which turns off failover. */
  record Pause() implements Operation {}

  /** Ends a pause. */
  record Resume() implements Operation {}
}
