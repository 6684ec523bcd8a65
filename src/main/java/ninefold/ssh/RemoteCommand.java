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
 * @param lines receives each line of the standard output as it arrives
 */
record RemoteCommand(String text, Consumer<String> lines) {
  /** The interval at which to poll for the exit status, in milliseconds. */
  private static final int POLL_INTERVAL = 5;

  /** The number of polls: 2 s in all. The exit status follows the output immediately. */
  private static final int POLLS = 400;

  /** JSch's exit status of a command whose exit status did not arrive. */
  private static final int NO_STATUS = -1;

  /**
   * Runs the command and waits for its end.
   *
   * @param timeout how long the server may take to start the command, in milliseconds
   * @throws IOException if the connection ends before the command does
   */
  CommandOutcome.Ended run(Session session, int timeout) throws IOException, InterruptedException {
    ChannelExec channel = null;
    try {
      channel = (ChannelExec) session.openChannel("exec");
      channel.setCommand(text);
      channel.setInputStream(null);
      var errors = new ByteArrayOutputStream();
      channel.setErrStream(errors);
      var output = channel.getInputStream();
      var began = Instant.now();
      channel.connect(timeout);
      var text = new StringBuilder();
      var reader = new BufferedReader(new InputStreamReader(output, UTF_8));
      for (var line = reader.readLine(); line != null; line = reader.readLine()) {
        text.append(line).append('\n');
        lines.accept(line);
      }
      return new CommandOutcome.Ended(
          status(channel), text.toString(), errors.toString(UTF_8), began, Instant.now());
    } catch (JSchException e) {
      throw new IOException(e.getMessage(), e);
    } finally {
      if (channel != null) {
        channel.disconnect();
      }
    }
  }

  private static int status(ChannelExec channel) throws IOException, InterruptedException {
    for (int i = 0; i < POLLS && !channel.isClosed(); i++) {
      Thread.sleep(POLL_INTERVAL);
    }
    if (channel.getExitStatus() == NO_STATUS) {
      throw new IOException("the connection ended before the command did");
    }
    return channel.getExitStatus();
  }
}
