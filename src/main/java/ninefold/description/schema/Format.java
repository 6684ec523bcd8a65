package ninefold.description.schema;

import static java.lang.annotation.ElementType.FIELD;
import static java.lang.annotation.ElementType.METHOD;
import static java.lang.annotation.ElementType.PARAMETER;
import static java.lang.annotation.ElementType.RECORD_COMPONENT;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The form of a text; of each text, if the component is a list or a map. */
@Retention(RetentionPolicy.RUNTIME)
@Target({RECORD_COMPONENT, FIELD, METHOD, PARAMETER})
public @interface Format {
  /** The form of the text. */
  TextFormat value();

  /** The form of a map's keys. */
  TextFormat keys() default TextFormat.NAME;
}
