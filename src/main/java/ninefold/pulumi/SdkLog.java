package ninefold.pulumi;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * The log of Pulumi's SDK.
 *
 * <p>While the SDK waits, it takes a whole processor core: it asks without a pause whether every
 * resource is done, and each time it logs a text that names all that remain. The log is the one
 * place where it can be made to pause. And what it tells the engine, which shows it to the user, it
 * writes down here once more.
 */
public final class SdkLog {
  // Java keeps loggers only as long as somebody else does.
  private static final Logger SDK =
      Logger.getLogger("com.pulumi.deployment.internal.DeploymentImpl");

  private static final long SHORTEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(500);

  /** The text that is logged grows with the graph; making it may take a tenth of the time. */
  private static final int PAUSES_LONGER = 9;

  private static volatile long pauseEnded = System.nanoTime();

  private SdkLog() {}

  /** To be called within the program, because the SDK sets its log's level before it starts it. */
  public static void takeOver() {
    takeOver(SDK);
  }

  /** Lets the SDK pause at a log of its own, which shows what it has shown. */
  public static Logger takeOver(Logger log) {
    var shown = log.getLevel() == null ? Level.SEVERE : log.getLevel();
    log.setLevel(Level.FINEST);
    log.setFilter(
        message -> {
          pauseAt(message);
          return message.getLevel().intValue() >= shown.intValue() && !isShownElsewhere(message);
        });
    return log;
  }

  private static void pauseAt(LogRecord message) {
    if (message.getMessage().startsWith("Remaining tasks")) {
      long took = System.nanoTime() - pauseEnded;
      LockSupport.parkNanos(
          Math.max(SHORTEST_PAUSE, Math.min(PAUSES_LONGER * took, LONGEST_PAUSE)));
      pauseEnded = System.nanoTime();
    }
  }

  private static boolean isShownElsewhere(LogRecord message) {
    return String.valueOf(message.getSourceClassName()).endsWith("EngineLogger");
  }
}
