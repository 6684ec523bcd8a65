package ninefold.description;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.util.List;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;
import ninefold.description.schema.Format;
import ninefold.description.schema.TextFormat;

/**
 * Access to the machines from outside the cluster. Within the cluster, machines may reach each
 * other as their roles require.
 */
public record Firewall(
    @Description(
            "Whether the stack manages the machines' firewall. Set it to false if they keep their own.")
        @Default("true")
        boolean enabled,
    @Description("Networks from which applications connect. If empty, the cluster's network.")
        @Default("[]")
        @Format(TextFormat.CIDR)
        List<String> applications,
    @Description(
            "Networks from which operators reach ssh and the statistics page. If empty, ssh is open"
                + " to all networks and the page to the cluster's network.")
        @Default("[]")
        @Format(TextFormat.CIDR)
        List<String> operators,
    @Description(
            "Additional TCP ports that operators reach on every node, such as an exporter's. If"
                + " operators is empty, they are open to the cluster's network.")
        @Default("[]")
        @Min(1)
        @Max(65535)
        List<Integer> operatorPorts) {

  /** Keeps copies that cannot be changed. */
  public Firewall {
    applications = List.copyOf(applications);
    operators = List.copyOf(operators);
    operatorPorts = List.copyOf(operatorPorts);
  }
}
