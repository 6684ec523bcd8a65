package ninefold.ssh;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toMap;

import com.jcraft.jsch.Session;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collector;
import ninefold.description.Access;
import ninefold.description.Node;
import ninefold.ssh.LoginFailureException.Reason;

/**
 * Runs commands on a cluster's machines, with pinned host keys, and through the jump host if there
 * is one. Sessions stay open between commands. A machine that does not answer in time delays no
 * other machine.
 */
public final class RemoteMachines implements AutoCloseable {
  private final String prefix;
  private final Duration connectTimeout;
  private final Map<String, RemoteMachine> machines;
  private final Optional<RemoteMachine> jump;

  /**
   * Describes the machines. The first command logs in.
   *
   * @param access user, port and jump host
   * @param hostKeys the public host key of each node, as {@code type key}
   * @param privateKey the administrator's private key
   * @param connectTimeout how long a login may take
   * @throws InaccessibleMachinesException if the private key is not valid, or has a passphrase
   */
  public RemoteMachines(
      Access access, Map<Node, String> hostKeys, String privateKey, Duration connectTimeout) {
    SshPreflight.requireUsable(privateKey);
    var key = privateKey.getBytes(UTF_8);
    this.prefix = access.user().equals("root") ? "" : "sudo -n ";
    this.connectTimeout = connectTimeout;
    this.machines = new LinkedHashMap<>();
    hostKeys.forEach(
        (node, pinned) ->
            machines.put(
                node.name(),
                new RemoteMachine(SshPreflight.server(access, node, pinned), key, connectTimeout)));
    this.jump =
        access
            .jump()
            .map(host -> new RemoteMachine(SshPreflight.gateway(host), key, connectTimeout));
  }

  /**
   * Runs a command as root on all machines in parallel.
   *
   * @param timeout how long login and command may take together
   * @return the outcomes by node name, in the order of the nodes
   */
  public Map<String, CommandOutcome> run(String command, Duration timeout) {
    return run(List.copyOf(machines.keySet()), command, line -> {}, timeout);
  }

  /**
   * Runs a command as root on one machine.
   *
   * @param node the node's name
   * @param lines receives each line of the standard output as it arrives
   * @param timeout how long login and command may take together
   */
  public CommandOutcome run(String node, String command, Consumer<String> lines, Duration timeout) {
    return run(List.of(node), command, lines, timeout).get(node);
  }

  private Map<String, CommandOutcome> run(
      List<String> nodes, String command, Consumer<String> lines, Duration timeout) {
    var deadline = Instant.now().plus(timeout);
    var asRoot = new RemoteCommand(prefix + command, lines);
    return jump.map(jumpHost -> runViaJumpHost(jumpHost, nodes, asRoot, deadline))
        .orElseGet(() -> run(nodes, asRoot, server -> server, deadline));
  }

  private Map<String, CommandOutcome> run(
      List<String> nodes, RemoteCommand command, RemoteMachine.Gateway gateway, Instant deadline) {
    return ParallelQueries.ask(
        nodes,
        node -> machines.get(node).run(command, gateway),
        deadline,
        node -> late(node, command));
  }

  private CommandOutcome late(String node, RemoteCommand command) {
    var machine = machines.get(node);
    machine.close();
    return new CommandOutcome.Unreached(
        machine.name() + ": no answer in time to: " + command.text(), Reason.UNREACHABLE.remedy());
  }

  /** Logs in to the jump host first, so that a timeout there occurs only once. */
  private Map<String, CommandOutcome> runViaJumpHost(
      RemoteMachine jumpHost, List<String> nodes, RemoteCommand command, Instant deadline) {
    var silent = jumpHost.name() + ": its login did not finish in time";
    var login =
        ParallelQueries.ask(
                List.of(jumpHost),
                RemoteMachines::logIn,
                earlier(deadline, Instant.now().plus(connectTimeout.multipliedBy(2))),
                machine -> new Login(Optional.empty(), unreached(silent)))
            .get(jumpHost);
    return login
        .session()
        .map(session -> run(nodes, command, server -> server.viaJumpHost(session), deadline))
        .orElseGet(() -> nodes.stream().collect(inOrder(login.failure())));
  }

  /** A session on the jump host, or else why there is none. */
  private record Login(Optional<Session> session, CommandOutcome failure) {}

  private static Login logIn(RemoteMachine jumpHost) throws InterruptedException {
    try {
      var session = jumpHost.logIn(server -> server);
      return new Login(Optional.of(session), unreached(""));
    } catch (LoginFailureException e) {
      return new Login(
          Optional.empty(), new CommandOutcome.Unreached(e.getMessage(), e.reason().remedy()));
    }
  }

  private static CommandOutcome unreached(String reason) {
    return new CommandOutcome.Unreached(reason, Reason.UNREACHABLE.remedy());
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  private static Collector<String, ?, Map<String, CommandOutcome>> inOrder(CommandOutcome outcome) {
    return toMap(node -> node, node -> outcome, (one, other) -> one, LinkedHashMap::new);
  }

  @Override
  public void close() {
    machines.values().forEach(RemoteMachine::close);
    jump.ifPresent(RemoteMachine::close);
  }
}
