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
 * Answers the {@code ./ninefold verify} that an {@code up} ends with. The program that declared
 * this command runs until it has ended, so the command needs no JVM of its own.
 *
 * <p>The socket is named by a digest of the command's standard input. So the command finds the
 * program that expects it, and sends nothing: to connect is to ask. The other end is {@code
 * toolchain/ask-program}. Where nobody answers, the command starts a JVM.
 */
public final class VerdictSocket {
  /**
   * Below the project's root, in which both ends run. A socket's path has 107 bytes at most, so it
   * is not made absolute.
   */
  private static final Path FOLDER = Path.of("target", "verdict");

  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");

  /** Of the digest, in bytes; no more are needed to tell some inputs apart. */
  private static final int NAME = 16;

  private static final int OUT = 1;
  private static final int ERR = 2;

  /** What comes after all pieces of output. */
  private static final int END = 0;

  private final ServerSocketChannel channel;
  private final byte[] input;
  private final Function<Stack, ClusterConnection> sites;

  private VerdictSocket(
      ServerSocketChannel channel, byte[] input, Function<Stack, ClusterConnection> sites) {
    this.channel = channel;
    this.input = input.clone();
    this.sites = sites;
  }

  /**
   * Answers {@code verify} from now on, as long as the program runs.
   *
   * @param input what {@code verify} gets as its standard input
   */
  public static void open(String input) {
    try {
      open(FOLDER, input, SshClusterConnection::new);
    } catch (IOException | UnsupportedOperationException e) {
      // Not every file system knows sockets and modes. The command then starts a JVM.
      return;
    }
  }

  /**
   * The same, in another folder and for other machines.
   *
   * @throws IOException if there can be no such socket, or others may enter its folder
   */
  static void open(Path folder, String input, Function<Stack, ClusterConnection> sites)
      throws IOException {
    var question = input.getBytes(UTF_8);
    makePrivate(folder);
    var file = folder.resolve(name(question));
    // An earlier program was killed, or the very same is asked twice: each of them can answer.
    Files.deleteIfExists(file);
    var channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.bind(UnixDomainSocketAddress.of(file));
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    // In the reverse order, and the folder only if nothing is left in it.
    folder.toFile().deleteOnExit();
    file.toFile().deleteOnExit();
    var thread = new Thread(new VerdictSocket(channel, question, sites)::serve, "verdict");
    thread.setDaemon(true);
    thread.start();
  }

  private static void makePrivate(Path folder) throws IOException {
    Files.createDirectories(folder.toAbsolutePath().getParent());
    try {
      Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PRIVATE));
    } catch (FileAlreadyExistsException e) {
      if (!PRIVATE.equals(Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS))) {
        throw new IOException(folder + ": others may enter this folder", e);
      }
    }
  }

  static String name(byte[] question) {
    return HexFormat.of().formatHex(Sha256.of(question), 0, NAME);
  }

  /** Whatever ends it closes the socket, so that nobody waits for an answer that does not come. */
  private void serve() {
    try (channel) {
      while (true) {
        answer(channel.accept());
      }
    } catch (IOException e) {
      // Nobody is answered any more.
      return;
    }
  }

  private void answer(SocketChannel asked) {
    try (asked;
        var answer =
            new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(asked)))) {
      var status = verify(Console.of(new Pieces(answer, OUT), new Pieces(answer, ERR)));
      answer.writeByte(END);
      answer.writeInt(status);
    } catch (IOException e) {
      // Who asked has gone.
      return;
    }
  }

  private int verify(Console console) {
    try {
      return new VerifyCommand(new ByteArrayInputStream(input), sites, console).call();
    } catch (Exception e) {
      return FailureReport.execution(e, console.err());
    }
  }

  /** One of the two outputs, in pieces: its file descriptor, a length, and so many bytes. */
  private static final class Pieces extends OutputStream {
    private final DataOutputStream answer;
    private final int descriptor;

    Pieces(DataOutputStream answer, int descriptor) {
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
