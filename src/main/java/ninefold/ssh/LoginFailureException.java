package ninefold.ssh;

/** A server that didn't let the administrator in. */
final class LoginFailureException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /** Why not, and what to try. */
  enum Reason {
    /** It says nothing, or something else than an ssh server would. */
    UNREACHABLE(
        "No answer: is the machine on? Are address and port right? Does a firewall stand between?"
            + " A jump host's sshd has to allow TCP forwarding."),

    /** It shows another host key than the pinned one. */
    HOST_KEY_MISMATCH(
        "Another host key: was the machine installed anew? Compare on its console (ssh-keygen -lf"
            + " /etc/ssh/ssh_host_ed25519_key.pub), then correct the node's 'hostKey' or"
            + " ninefold:knownHosts, for a jump host access.jump.hostKey. If it wasn't, it isn't the"
            + " machine that you mean."),

    /** It speaks none of the algorithms that would be used here. */
    NO_COMMON_ALGORITHM(
        "Nothing in common: its sshd_config allows none of the algorithms named; allow one."),

    /** It doesn't take the key. */
    AUTHENTICATION_FAILED(
        "Not let in: does the user's authorized_keys there hold the public part of"
            + " ninefold:sshPrivateKey, and is access.user right, for a jump host access.jump.user?"
            + " The machine says why: journalctl -u ssh. After a few refusals sshd may shut your"
            + " address out for a while."),

    /** It asks for a password before a command becomes root. */
    NO_PASSWORDLESS_SUDO(
        "Not root: every step needs it, and nobody is here to type a password. In"
            + " /etc/sudoers.d there: 'USER ALL=(ALL:ALL) NOPASSWD: ALL'; or give root as"
            + " access.user.");

    private final String remedy;

    Reason(String remedy) {
      this.remedy = remedy;
    }

    /** What to try. */
    String remedy() {
      return remedy;
    }
  }

  /** The message names the server. */
  LoginFailureException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** The same for another failure's sake. */
  LoginFailureException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** Why. */
  Reason reason() {
    return reason;
  }
}
