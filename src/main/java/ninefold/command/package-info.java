/** The operator's command, {@code ./ninefold}. */
package ninefold.command;
