package ninefold.command;

/**
 * Why an operation is not begun.
 *
 * @param reason the kind of reason
 * @param what what is in its way, in one sentence
 * @param next what to do
 */
record Refusal(Reason reason, String what, String next) {

  /** The kinds of reasons. */
  enum Reason {
    /** No database node answers that could be asked for the change. */
    NOBODY_ANSWERS,
    /** Nobody leads. */
    NO_LEADER,
    /** Patroni is paused. */
    PAUSED,
    /** Patroni is not paused, so there is nothing to resume. */
    NOT_PAUSED,
    /** Another change holds the cluster's lock. */
    LOCKED,
    /** No member of etcd tells whether another change holds the lock. */
    LOCK_UNKNOWN,
    /** A backup runs. */
    BACKUP_RUNS,
    /** The description has no such database node. */
    NOT_DESCRIBED,
    /** The machine, or its Patroni, does not answer. */
    NOT_ANSWERING,
    /** The candidate leads already. */
    LEADS_ALREADY,
    /** The candidate does not stream from the leader. */
    NOT_STREAMING,
    /** The candidate is on another timeline than the leader. */
    OTHER_TIMELINE,
    /** The candidate is too far behind, or nobody knows how far. */
    LAGS,
    /** The description lets the candidate never lead. */
    NEVER_LEADS,
    /** Commits do not wait for the candidate, so it may lack some. */
    NOT_SYNCHRONOUS,
    /** Nobody may take over. */
    NO_CANDIDATE,
    /** It concerns the only good copy of the data. */
    ONLY_COPY,
    /** Commits would wait until it is over. */
    WRITES_WOULD_WAIT
  }
}
