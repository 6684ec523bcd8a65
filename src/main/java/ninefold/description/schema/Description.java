package ninefold.description.schema;

import static java.lang.annotation.ElementType.FIELD;
import static java.lang.annotation.ElementType.METHOD;
import static java.lang.annotation.ElementType.PARAMETER;
import static java.lang.annotation.ElementType.RECORD_COMPONENT;
import static java.lang.annotation.ElementType.TYPE;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a setting means, with its unit: shown by editors and in the tables of docs/description.md.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({TYPE, RECORD_COMPONENT, FIELD, METHOD, PARAMETER})
public @interface Description {
  /** One or two plain sentences. */
  String value();
}
