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
 * Runs commands on a cluster's machines, with the host keys pinned and through the jump host if
 * there is one. Sessions stay open from one command to the next. A machine that says nothing is
 * given up after a limit, and holds no other one up.
 */
public final class RemoteMachines implements AutoCloseable {
  private final String prefix;
  private final Duration connectTimeout;
  private final Map<String, RemoteMachine> machines;
  private final Optional<RemoteMachine> jump;

  /**
   * Describes the machines; none is reached yet.
   *
   * @param access user, port and jump host
   * @param hostKeys the nodes and their public host keys, as {@code type key}
   * @param privateKey the administrator's key
   * @param connectTimeout how long a machine may take to let in
   * @throws InaccessibleMachinesException if the key is none, or has a passphrase
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
        access.jump().map(it -> new RemoteMachine(SshPreflight.gateway(it), key, connectTimeout));
  }

  /**
   * Runs a command as root on every machine at once.
   *
   * @param limit how long all of it may take, logging in included
   * @return what became of it, by the nodes' names in their order
   */
  public Map<String, CommandOutcome> run(String command, Duration limit) {
    return run(List.copyOf(machines.keySet()), command, line -> {}, limit);
  }

  /**
   * Runs a command as root on one machine.
   *
   * @param node its name
   * @param lines is given each line of the standard output as it comes
   * @param limit how long all of it may take, logging in included
   */
  public CommandOutcome run(String node, String command, Consumer<String> lines, Duration limit) {
    return run(List.of(node), command, lines, limit).get(node);
  }

  private Map<String, CommandOutcome> run(
      List<String> nodes, String command, Consumer<String> lines, Duration limit) {
    var end = Instant.now().plus(limit);
    var told = new RemoteCommand(prefix + command, lines);
    return jump.map(it -> runViaJumpHost(it, nodes, told, end))
        .orElseGet(() -> run(nodes, told, server -> server, end));
  }

  private Map<String, CommandOutcome> run(
      List<String> nodes, RemoteCommand command, RemoteMachine.Gateway gateway, Instant end) {
    return ParallelQueries.ask(
        nodes, node -> machines.get(node).run(command, gateway), end, node -> late(node, command));
  }

  private CommandOutcome late(String node, RemoteCommand command) {
    var machine = machines.get(node);
    machine.close();
    return new CommandOutcome.Unreached(
        machine.name() + ": no answer in time to: " + command.text(), Reason.UNREACHABLE.remedy());
  }

  /** The jump host comes first, so that its silence is waited for once. */
  private Map<String, CommandOutcome> runViaJumpHost(
      RemoteMachine through, List<String> nodes, RemoteCommand command, Instant end) {
    var silent = through.name() + ": its login comes to no end";
    var login =
        ParallelQueries.ask(
                List.of(through),
                RemoteMachines::logIn,
                earlier(end, Instant.now().plus(connectTimeout.multipliedBy(2))),
                it -> new Login(Optional.empty(), unreached(silent)))
            .get(through);
    return login
        .session()
        .map(session -> run(nodes, command, server -> server.viaJumpHost(session), end))
        .orElseGet(() -> nodes.stream().collect(inOrder(login.failure())));
  }

  private record Login(Optional<Session> session, CommandOutcome failure) {}

  private static Login logIn(RemoteMachine jump) throws InterruptedException {
    try {
      var session = jump.logIn(server -> server);
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
