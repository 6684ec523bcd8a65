package ninefold;

import static java.util.stream.Collectors.toCollection;

import com.pulumi.Context;
import com.pulumi.deployment.Deployment;
import com.pulumi.deployment.internal.DeploymentInternal;
import com.pulumi.exceptions.RunException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import ninefold.description.Cluster;
import ninefold.description.Machines;
import ninefold.description.reader.DescriptionReader;
import ninefold.error.UserErrorException;
import ninefold.host.Host;
import ninefold.host.PreparedHost;
import ninefold.host.UnknownPackageException;
import ninefold.host.WipeScope;
import ninefold.machine.ExistingHosts;
import ninefold.pulumi.SdkLog;
import ninefold.service.Service;

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
    requireKnownPackages(cluster);
    var existing = existingHosts(cluster, settings);
    var built = new PostgresCluster(cluster, settings, existing);
    new Outputs(cluster, built).values().forEach(ctx::export);
  }

  /** Nothing would pin the version of a package that no machine installs. */
  private static void requireKnownPackages(Cluster cluster) {
    UnknownPackageException.requireKnown(
        cluster.packages().versions().keySet(),
        Stream.concat(
                PreparedHost.requirements(cluster).packages().stream(), Service.packages(cluster))
            .collect(toCollection(TreeSet::new)));
  }

  /**
   * The hosts that exist already; none if the stack creates its machines. An {@code up} logs in on
   * each of them before the first resource is declared, so a failure leaves every machine as it is.
   */
  private static List<Host> existingHosts(Cluster cluster, StackSettings settings) {
    if (!(cluster.machines() instanceof Machines.Given)) {
      return List.of();
    }
    var machines = new ExistingHosts(cluster, settings.sshPrivateKey(), settings.knownHosts());
    var hosts = machines.hosts();
    if (!Deployment.getInstance().isDryRun()) {
      machines.requireLogins();
    }
    return hosts;
  }
}
