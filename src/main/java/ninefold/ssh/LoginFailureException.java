package ninefold.ssh;

/** The administrator could not log in to an ssh server, or could not become root there. */
final class LoginFailureException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /** The kinds of failures, each with what to do next. */
  enum Reason {
    /** The server does not answer, or does not speak the ssh protocol. */
    UNREACHABLE(
        "No answer: is the machine on? Are its address and port correct? Does a firewall block the"
            + " connection? The sshd of a jump host must allow TCP forwarding."),

    /** The server's host key is not the pinned one. */
    HOST_KEY_MISMATCH(
        "A different host key: was the machine reinstalled? If not, it is not your machine. If so,"
            + " compare the key on its console (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub)."
            + " Then correct the node's 'hostKey' or ninefold:knownHosts, or access.jump.hostKey for"
            + " the jump host."),

    /** The server supports none of the algorithms that this client supports. */
    NO_COMMON_ALGORITHM(
        "No common algorithm: allow one of the listed algorithms in the machine's sshd_config."),

    /** The server refuses the administrator's key. */
    AUTHENTICATION_FAILED(
        "Cannot log in: does the user's authorized_keys on the machine contain the public key of"
            + " ninefold:sshPrivateKey? Is access.user correct, or access.jump.user for the jump host?"
            + " The machine's log has the reason: journalctl -u ssh. After a few failed logins sshd"
            + " may block your address for a while."),

    /** The user cannot become root without a password. */
    NO_PASSWORDLESS_SUDO(
        "Not root: every step runs as root, and cannot enter a password. Add 'USER ALL=(ALL:ALL)"
            + " NOPASSWD: ALL' to /etc/sudoers.d on the machine, or set access.user to root.");

    private final String remedy;

    Reason(String remedy) {
      this.remedy = remedy;
    }

    /** What to do next. */
    String remedy() {
      return remedy;
    }
  }

  /** Creates a login failure whose message names the server. */
  LoginFailureException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** Creates a login failure with a cause. */
  LoginFailureException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** The kind of failure. */
  Reason reason() {
    return reason;
  }
}
