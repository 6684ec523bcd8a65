package ninefold;

import com.pulumi.Context;
import com.pulumi.deployment.internal.DeploymentInternal;
import com.pulumi.exceptions.RunException;
import java.nio.file.Path;
import ninefold.description.reader.DescriptionReader;
import ninefold.error.UserErrorException;
import ninefold.host.WipeScope;
import ninefold.pulumi.SdkLog;

/** Builds the cluster that the stack's description asks for. */
public final class App {
  private App() {}

  /** Starts the program under Pulumi's engine. */
  public static void main(String[] args) {
    StackProgram.run(App::stack);
  }

  /**
   * Declares every resource of the stack; of what a user can put right, only the message is shown.
   */
  static void stack(Context ctx) {
    SdkLog.takeOver();
    try {
      declare(ctx);
    } catch (UserErrorException e) {
      throw new RunException(e.getMessage(), e);
    }
  }

  private static void declare(Context ctx) {
    var settings =
        new StackSettings(ctx.config(), DeploymentInternal.getInstance()::isConfigSecret);
    var cluster = DescriptionReader.read(Path.of(settings.description()));
    new PassphraseFile(System.getenv()).warning().ifPresent(warning -> ctx.log().warn(warning));
    WipeScope.warning(cluster).ifPresent(warning -> ctx.log().warn(warning));
    var built = new PostgresCluster(cluster, settings);
    new Outputs(cluster, built).values().forEach(ctx::export);
  }
}
