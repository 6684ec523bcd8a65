package ninefold.command;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the name of a table from the command line. */
final class RestoredTableConverter implements ITypeConverter<RestoredObject> {
  @Override
  public RestoredObject convert(String value) {
    try {
      return RestoredObject.table(value);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
