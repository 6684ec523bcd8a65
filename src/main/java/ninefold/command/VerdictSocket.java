package ninefold.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Set;
import java.util.function.Function;
import ninefold.digest.Sha256;

/**
 * Serves {@code ./ninefold verify}, the last command of {@code pulumi up}. The Pulumi program that
 * declared this command is still running then, so the command can ask it and need not start a JVM.
 *
 * <p>The socket's name is a digest of the command's standard input, so the command finds the
 * program that expects this input. It sends no request: to connect is enough. The client is {@code
 * toolchain/ask-program}; if it gets no answer, it starts a JVM.
 */
public final class VerdictSocket {
  /**
   * Relative to the project's root, the working directory of both processes: the path of a socket
   * has at most 107 bytes, so an absolute path could be too long.
   */
  private static final Path FOLDER = Path.of("target", "verdict");

  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");

  /** Length of the name in bytes of the digest; enough to avoid collisions. */
  private static final int NAME_BYTES = 16;

  private static final int OUT = 1;
  private static final int ERR = 2;

  /** Marks the end of the output. */
  private static final int END = 0;

  private final ServerSocketChannel channel;
  private final byte[] input;
  private final Function<Stack, ClusterConnection> connector;

  private VerdictSocket(
      ServerSocketChannel channel, byte[] input, Function<Stack, ClusterConnection> connector) {
    this.channel = channel;
    this.input = input.clone();
    this.connector = connector;
  }

  /**
   * Serves {@code verify} until the program ends.
   *
   * @param input the standard input that {@code verify} will receive
   */
  public static void open(String input) {
    try {
      open(FOLDER, input, SshClusterConnection::new);
    } catch (IOException | UnsupportedOperationException e) {
      // Not every file system supports sockets and modes. The command starts a JVM then.
      return;
    }
  }

  /**
   * Like {@link #open(String)}, with a different folder and connection, for tests.
   *
   * @throws IOException if the socket cannot be created, or other users may enter its folder
   */
  static void open(Path folder, String input, Function<Stack, ClusterConnection> connector)
      throws IOException {
    var question = input.getBytes(UTF_8);
    makePrivate(folder);
    var file = folder.resolve(name(question));
    // Left by a program that was killed; or a second program has the same input, and can answer
    // too.
    Files.deleteIfExists(file);
    var channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.bind(UnixDomainSocketAddress.of(file));
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    // Files are deleted in reverse order; the folder is deleted only if it is empty.
    folder.toFile().deleteOnExit();
    file.toFile().deleteOnExit();
    var thread = new Thread(new VerdictSocket(channel, question, connector)::serve, "verdict");
    thread.setDaemon(true);
    thread.start();
  }

  private static void makePrivate(Path folder) throws IOException {
    Files.createDirectories(folder.toAbsolutePath().getParent());
    try {
      Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PRIVATE));
    } catch (FileAlreadyExistsException e) {
      if (!PRIVATE.equals(Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS))) {
        throw new IOException(folder + ": other users may enter this folder", e);
      }
    }
  }

  static String name(byte[] question) {
    return HexFormat.of().formatHex(Sha256.of(question), 0, NAME_BYTES);
  }

  /** Closes the socket at the end, so that no client waits for an answer in vain. */
  private void serve() {
    try (channel) {
      while (true) {
        answer(channel.accept());
      }
    } catch (IOException e) {
      // The socket was closed; clients start a JVM.
      return;
    }
  }

  private void answer(SocketChannel client) {
    try (client;
        var answer =
            new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(client)))) {
      var status = verify(Console.of(new FramedOutput(answer, OUT), new FramedOutput(answer, ERR)));
      answer.writeByte(END);
      answer.writeInt(status);
    } catch (IOException e) {
      // The client has disconnected.
      return;
    }
  }

  private int verify(Console console) {
    try {
      return new VerifyCommand(new ByteArrayInputStream(input), connector, console).call();
    } catch (Exception e) {
      return FailureReport.execution(e, console.err());
    }
  }

  /** One of the two outputs, in frames: the file descriptor, the length, and the bytes. */
  private static final class FramedOutput extends OutputStream {
    private final DataOutputStream answer;
    private final int descriptor;

    FramedOutput(DataOutputStream answer, int descriptor) {
      this.answer = answer;
      this.descriptor = descriptor;
    }

    @Override
    public void write(int single) throws IOException {
      write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      answer.writeByte(descriptor);
      answer.writeInt(length);
      answer.write(bytes, from, length);
    }

    @Override
    public void flush() throws IOException {
      answer.flush();
    }
  }
}
