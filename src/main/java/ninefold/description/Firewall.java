package ninefold.description;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.util.List;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;
import ninefold.description.schema.Format;
import ninefold.description.schema.TextFormat;

/**
 * Who may reach the machines from outside the cluster. Among themselves they may reach what their
 * roles need.
 *
 * @param enabled whether the stack sets it
 * @param applications networks from which applications connect
 * @param operators networks from which ssh and the statistics page are reached
 * @param operatorPorts further ports of every node that operators reach
 */
public record Firewall(
    @Description("Whether the stack sets the machines' firewall; false where they keep their own.")
        @Default("true")
        boolean enabled,
    @Description("Networks from which applications connect; without any, the cluster's own.")
        @Default("[]")
        @Format(TextFormat.CIDR)
        List<String> applications,
    @Description(
            "Networks from which ssh and the statistics page are reached; without any, ssh from"
                + " anywhere and the page from the cluster's own.")
        @Default("[]")
        @Format(TextFormat.CIDR)
        List<String> operators,
    @Description(
            "Further TCP ports of every node that the operators' networks reach, an exporter's for"
                + " instance; without any networks, the cluster's own.")
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
