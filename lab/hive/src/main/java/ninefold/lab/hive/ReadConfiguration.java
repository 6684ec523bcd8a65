package ninefold.lab.hive;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Reads a site file as Hadoop does, and prints what it finds, and the password from wherever it is. */
public final class ReadConfiguration {
  private ReadConfiguration() {}

  /**
   * Prints a line for each property.
   *
   * @param arguments the file
   */
  public static void main(String[] arguments) throws IOException {
    var configuration = new Configuration(false);
    configuration.addResource(new Path("file://" + arguments[0]));
    for (var property : configuration) {
      System.out.println(property.getKey() + "=" + configuration.get(property.getKey()));
    }
    var password = configuration.getPassword("javax.jdo.option.ConnectionPassword");
    System.out.println("getPassword=" + (password == null ? "" : new String(password)));
  }
}
