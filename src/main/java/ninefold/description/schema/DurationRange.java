package ninefold.description.schema;

import static java.lang.annotation.ElementType.FIELD;
import static java.lang.annotation.ElementType.METHOD;
import static java.lang.annotation.ElementType.PARAMETER;
import static java.lang.annotation.ElementType.RECORD_COMPONENT;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The shortest and the longest duration that a setting allows, as a description writes them. The
 * unit of the shortest is the finest unit that the setting allows.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({RECORD_COMPONENT, FIELD, METHOD, PARAMETER})
public @interface DurationRange {
  /** The shortest duration: {@code 5s}. */
  String min();

  /** The longest duration: {@code 1h}. */
  String max();
}
