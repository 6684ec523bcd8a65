package ninefold.host;

/** A server that didn't let the administrator in. */
final class NotLetIn extends Exception {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /** Why not, and what to try. */
  enum Reason {
    /** It says nothing, or something else than an ssh server would. */
    SILENT("Is the machine on? Are address and port right? Does a firewall stand between?"),

    /** It shows another host key than the pinned one. */
    OTHER_HOST_KEY(
        "Another host key: was the machine installed anew? Compare on its console (ssh-keygen -lf"
            + " /etc/ssh/ssh_host_ed25519_key.pub), then correct 'hostKey' in the description or"
            + " the stack's ninefold:knownHosts. If it wasn't, it isn't the machine that you mean."),

    /** It doesn't take the key. */
    REFUSED(
        "Not let in: does the user's authorized_keys there hold the public part of"
            + " ninefold:sshPrivateKey, and is access.user right? The machine says why:"
            + " journalctl -u ssh. After a few refusals sshd may shut your address out for a while.");

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
  NotLetIn(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** Why. */
  Reason reason() {
    return reason;
  }
}
