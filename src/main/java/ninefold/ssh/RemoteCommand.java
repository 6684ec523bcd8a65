package ninefold.ssh;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.jcraft.jsch.ChannelExec;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.Session;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * A command on a machine, without a terminal and without input.
 *
 * @param text the command
 * @param lines is given each line of its standard output as it comes
 */
record RemoteCommand(String text, Consumer<String> lines) {
  /** Milliseconds between two looks at whether the exit status is there. */
  private static final int PAUSE = 5;

  /** How often is looked; the status follows the output at once. */
  private static final int LOOKS = 400;

  /** A library's word for a command of which no end was told. */
  private static final int NO_STATUS = -1;

  /**
   * Runs it to its end.
   *
   * @param patience milliseconds that the server may take to begin
   * @throws IOException if the connection ends before the command does
   */
  CommandOutcome.Ended run(Session session, int patience) throws IOException, InterruptedException {
    ChannelExec channel = null;
    try {
      channel = (ChannelExec) session.openChannel("exec");
      channel.setCommand(text);
      channel.setInputStream(null);
      var errors = new ByteArrayOutputStream();
      channel.setErrStream(errors);
      var output = channel.getInputStream();
      var began = Instant.now();
      channel.connect(patience);
      var said = new StringBuilder();
      var reader = new BufferedReader(new InputStreamReader(output, UTF_8));
      for (var line = reader.readLine(); line != null; line = reader.readLine()) {
        said.append(line).append('\n');
        lines.accept(line);
      }
      return new CommandOutcome.Ended(
          status(channel), said.toString(), errors.toString(UTF_8), began, Instant.now());
    } catch (JSchException e) {
      throw new IOException(e.getMessage(), e);
    } finally {
      if (channel != null) {
        channel.disconnect();
      }
    }
  }

  private static int status(ChannelExec channel) throws IOException, InterruptedException {
    for (int i = 0; i < LOOKS && !channel.isClosed(); i++) {
      Thread.sleep(PAUSE);
    }
    if (channel.getExitStatus() == NO_STATUS) {
      throw new IOException("the connection ended before the command did");
    }
    return channel.getExitStatus();
  }
}
