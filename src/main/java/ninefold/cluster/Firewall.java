package ninefold.cluster;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.util.List;

/**
 * Who may reach the machines from outside the cluster. Among themselves they may reach what their
 * roles need.
 */
public record Firewall(
    @Doc(
            "Whether the stack manages the machines' firewall. Set it to false if they keep their own.")
        @Default("true")
        boolean enabled,
    @Doc("Networks from which applications connect. If empty, the cluster's network.")
        @Default("[]")
        @Written(Form.CIDR)
        List<String> applications,
    @Doc(
            "Networks from which operators reach ssh and the statistics page. If empty, ssh is open"
                + " to all networks and the page to the cluster's network.")
        @Default("[]")
        @Written(Form.CIDR)
        List<String> operators,
    @Doc(
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
