package ninefold;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * The log of Pulumi's SDK.
 *
 * <p>While the SDK waits, it takes a whole processor core: it asks without a pause whether every
 * resource is done, and each time it logs that some remain. The log is the one place where it can
 * be made to pause. And what it tells the engine, which shows it to the user, it writes down here
 * once more.
 */
final class SdkLog {
  // Java keeps loggers only as long as somebody else does.
  private static final Logger SDK =
      Logger.getLogger("com.pulumi.deployment.internal.DeploymentImpl");

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private SdkLog() {}

  /** To be called within the program, because the SDK sets its log's level before it starts it. */
  static void takeOver() {
    var shown = SDK.getLevel() == null ? Level.SEVERE : SDK.getLevel();
    SDK.setLevel(Level.FINEST);
    SDK.setFilter(
        message -> {
          pauseAt(message);
          return message.getLevel().intValue() >= shown.intValue() && !isShownElsewhere(message);
        });
  }

  private static void pauseAt(LogRecord message) {
    if (message.getMessage().startsWith("Remaining tasks")) {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private static boolean isShownElsewhere(LogRecord message) {
    return String.valueOf(message.getSourceClassName()).endsWith("EngineLogger");
  }
}
