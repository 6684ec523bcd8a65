package ninefold.description.schema;

import static java.lang.annotation.ElementType.FIELD;
import static java.lang.annotation.ElementType.METHOD;
import static java.lang.annotation.ElementType.PARAMETER;
import static java.lang.annotation.ElementType.RECORD_COMPONENT;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The value a setting has when a description leaves it out, as YAML. It stands here alone: the
 * schema, the reading of a description and the tables of docs/description.md all take it from this
 * annotation.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({RECORD_COMPONENT, FIELD, METHOD, PARAMETER})
public @interface Default {
  /** The value, as YAML: {@code 5000}, {@code sync}, {@code []}, {@code {}}. */
  String value();
}
