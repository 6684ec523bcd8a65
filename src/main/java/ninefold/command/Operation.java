package ninefold.command;

import java.util.Optional;

/** A change that an operator asks for; Patroni makes it. */
sealed interface Operation {

  /**
   * Another member leads.
   *
   * @param candidate who; the best one if it is absent
   */
  record Switchover(Optional<String> candidate) implements Operation {}

  /**
   * PostgreSQL is restarted.
   *
   * @param member on which member; on all of them if it is absent
   */
  record Restart(Optional<String> member) implements Operation {}

  /**
   * Patroni and PostgreSQL read their files anew.
   *
   * @param member on which member; on all of them if it is absent
   */
  record Reload(Optional<String> member) implements Operation {}

  /**
   * A replica's data are removed and made anew.
   *
   * @param member the replica
   */
  record Reinit(String member) implements Operation {}

  /** Patroni lets everything be. */
  record Pause() implements Operation {}

  /** Patroni acts again. */
  record Resume() implements Operation {}
}
