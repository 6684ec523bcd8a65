package ninefold.command;

/**
 * A reason why an operation is refused.
 *
 * @param reason the kind of reason
 * @param what the problem, in one sentence
 * @param next what to do next
 */
record Refusal(Reason reason, String what, String next) {

  /** The kinds of reasons. */
  enum Reason {
    /** Patroni does not answer on any database node. */
    NOBODY_ANSWERS,
    /** The cluster has no leader. */
    NO_LEADER,
    /** Patroni is paused. */
    PAUSED,
    /** Patroni is not paused, so there is nothing to resume. */
    NOT_PAUSED,
    /** Another change holds the cluster's lock. */
    LOCKED,
    /** No etcd member answers, so the state of the lock is not known. */
    LOCK_UNKNOWN,
    /** A backup is running. */
    BACKUP_RUNS,
    /** The description has no such database node. */
    NOT_DESCRIBED,
    /** The machine or its Patroni does not answer. */
    NOT_ANSWERING,
    /** The candidate is already the leader. */
    LEADS_ALREADY,
    /** The candidate does not stream from the leader. */
    NOT_STREAMING,
    /** The candidate is on a different timeline than the leader. */
    OTHER_TIMELINE,
    /** The candidate's lag is too large or not known. */
    LAGS,
    /** The description forbids the candidate to lead. */
    NEVER_LEADS,
    /** The candidate is not a synchronous replica, so it may lack acknowledged writes. */
    NOT_SYNCHRONOUS,
    /** No member can become the leader. */
    NO_CANDIDATE,
    /** The operation concerns the only good copy of the data. */
    ONLY_COPY,
    /** Commits would wait until the operation is finished. */
    WRITES_WOULD_WAIT,
    /** No backup and archived WAL reach the target of a restore. */
    NO_BACKUP,
    /** A restore of the whole cluster is under way. */
    RESTORE_RUNS,
    /** No restore of the whole cluster is under way. */
    NO_RESTORE,
    /** The operator did not confirm. */
    NOT_CONFIRMED
  }
}
