package ninefold.description.schema;

import static java.lang.annotation.ElementType.FIELD;
import static java.lang.annotation.ElementType.METHOD;
import static java.lang.annotation.ElementType.PARAMETER;
import static java.lang.annotation.ElementType.RECORD_COMPONENT;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The value of a key that a description leaves out, as YAML. The schema, the reader and the tables
 * of docs/description.md all take it from here.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({RECORD_COMPONENT, FIELD, METHOD, PARAMETER})
public @interface Default {
  /** The value, as YAML: {@code 5000}, {@code sync}, {@code []}, {@code {}}. */
  String value();
}
