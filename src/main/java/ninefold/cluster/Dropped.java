package ninefold.cluster;

import java.util.List;

/**
 * What is to be destroyed: the second of the two places that must say so. The first is {@code
 * databases}, from which it has been taken out.
 *
 * @param databases databases that are dropped with all they hold
 * @param users users that are dropped; each must own nothing any more
 */
public record Dropped(
    @Doc("Databases that are dropped with all they hold; not among databases any more.")
        @Default("[]")
        @Written(Form.IDENTIFIER)
        List<String> databases,
    @Doc("Users that are dropped; they own no database any more.")
        @Default("[]")
        @Written(Form.IDENTIFIER)
        List<String> users) {

  /** Keeps copies that cannot be changed. */
  public Dropped {
    databases = List.copyOf(databases);
    users = List.copyOf(users);
  }
}
