package ninefold.command;

import ninefold.description.RecoveryTarget;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the point at which recovery ends from the command line. */
final class RecoveryTargetConverter implements ITypeConverter<RecoveryTarget> {
  @Override
  public RecoveryTarget convert(String value) {
    try {
      return RecoveryTarget.parse(value);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
