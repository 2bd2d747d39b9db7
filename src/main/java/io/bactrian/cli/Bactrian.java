package io.bactrian.cli;

import io.bactrian.Failure;
import io.bactrian.pipeline.Failures;
import io.bactrian.pipeline.Version;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program: parses the command line, and turns every failure into message, hint and exit code. */
@Command(
        name = "bactrian",
        description = "PostgreSQL backups that are proven to restore.",
        mixinStandardHelpOptions = true,
        versionProvider = Bactrian.ProgramVersion.class,
        footer = {
            "",
            "Exit codes: 0 done; 1 failed while running; 2 wrong usage or configuration; 3 a precondition is missing;",
            "4 integrity failure; 75 another run holds the lock.",
            "Configuration: environment variables and application.properties; see docs/configuration.md."
        })
public final class Bactrian implements Runnable {
    private static final List<Class<?>> COMMANDS = List.of(
            FullCommand.class,
            IncrementalCommand.class,
            TestCommand.class,
            StatusCommand.class,
            RestoreCommand.class,
            PitrCommand.class,
            CleanupCommand.class,
            ReplicateCommand.class,
            CheckCommand.class,
            DetachCommand.class,
            SchedulerCommand.class,
            DemoCommand.class);

    @Spec
    private CommandSpec spec;

    public static void main(String[] args) throws IOException {
        if (Training.isOn()) {
            Training.run();
        }
        System.exit(execute(args));
    }

    static int execute(String... args) {
        CommandLine line = new CommandLine(new Bactrian());
        commands(args).forEach(line::addSubcommand);
        return line.setExecutionExceptionHandler(
                        (thrown, command, parsed) -> explain(Failures.of(thrown), command.getErr()))
                .setParameterExceptionHandler(Bactrian::explainUsage)
                .setCaseInsensitiveEnumValuesAllowed(false)
                .execute(args);
    }

    /** The one that is meant: to look at the options of all takes longer than to run a short one. All, where it is not that clear. */
    private static List<Class<?>> commands(String... args) {
        List<Class<?>> meant = COMMANDS.stream()
                .filter(command -> args.length > 0
                        && command.getAnnotation(Command.class).name().equals(args[0]))
                .toList();
        return meant.isEmpty() ? COMMANDS : meant;
    }

    private static int explain(Failure failure, PrintWriter err) {
        err.println("Error: " + failure.getMessage());
        err.println("Hint: " + failure.hint());
        if (failure.getCause() != null) {
            LoggerFactory.getLogger(Bactrian.class).debug("caused by", failure.getCause());
        }
        return failure.exitCode().number();
    }

    private static int explainUsage(ParameterException thrown, String[] args) {
        if (thrown.getCause() instanceof Failure failure) {
            return explain(failure, thrown.getCommandLine().getErr());
        }
        String command = thrown.getCommandLine().getCommandSpec().qualifiedName();
        return explain(
                Failure.usage(thrown.getMessage(), "`" + command + " --help` shows how it is used."),
                thrown.getCommandLine().getErr());
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command was given");
    }

    static final class ProgramVersion implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"bactrian " + Version.text()};
        }
    }
}
