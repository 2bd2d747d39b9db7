package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.postgres.ChildEnvironment;
import io.bactrian.postgres.Guardian;
import io.bactrian.postgres.ToolVersions;
import io.bactrian.postgres.Tools;
import io.bactrian.postgres.WideOutput;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.component.exec.ExecCommand;
import org.apache.camel.component.exec.ExecCommandExecutor;
import org.apache.camel.component.exec.ExecEndpoint;
import org.apache.camel.component.exec.ExecResult;
import org.apache.camel.component.exec.impl.DefaultExecBinding;

/**
 * How camel-exec runs PostgreSQL's programs here: {@code exec:pg_dump?binding=#postgresTool&commandExecutor=#postgresTool}.
 *
 * <p>The program that fits the server is found; server, database and password reach it as environment variables. Its standard
 * output becomes the body, live: nothing is collected, and its exit code is checked where the stream ends, so that a short dump
 * is an error to whoever reads it. The body before is its standard input, pumped in as it is read.
 */
final class PostgresTool extends DefaultExecBinding implements ExecCommandExecutor {
    /** Those whose output is data; to widen what others write takes longer than to read it. */
    private static final Set<String> WRITING_DATA = Set.of("pg_dump", "pg_basebackup");

    private final Settings settings;
    private final ToolVersions versions;
    private final Guardian guardian;
    private final Function<Exchange, ToolTarget> target;

    /** @param target the server that the programs work on; null for none */
    PostgresTool(Settings settings, ToolVersions versions, Guardian guardian, Function<Exchange, ToolTarget> target) {
        this.settings = settings;
        this.versions = versions;
        this.guardian = guardian;
        this.target = target;
    }

    @Override
    public ExecCommand readInput(Exchange exchange, ExecEndpoint endpoint) {
        ExecCommand command = super.readInput(exchange, endpoint);
        Restore restore = Restore.of(exchange);
        ToolTarget on = target.apply(exchange);
        int major = on != null && on.server() != null
                ? on.server().majorVersion()
                : Reading.of(exchange).serverMajor();
        Tools tools = Tools.locate(settings.programs(), major, versions);
        return new Command(
                command,
                restore == null || restore.workspace() == null
                        ? command.getWorkingDir()
                        : restore.workspace().toString(),
                tools.program(command.getExecutable()).toString(),
                on == null || on.server() == null ? Map.of() : on.toolEnvironment());
    }

    @Override
    public ExecResult execute(ExecCommand command) throws IOException {
        if (!(command instanceof Command ours)) {
            throw Failure.usage(
                    "exec:" + command.getExecutable() + " names #postgresTool as commandExecutor but not as binding",
                    "Give the step in the route both parameters.");
        }
        List<String> line = new ArrayList<>();
        line.add(ours.getExecutable());
        line.addAll(ours.getArgs());
        ProcessBuilder builder = new ProcessBuilder(WRITING_DATA.contains(ours.name) ? WideOutput.of(line) : line);
        ChildEnvironment.clear(builder.environment());
        builder.environment().putAll(ours.environment);
        builder.environment().put("LC_MESSAGES", "C"); // messages are matched and shown in one language
        if (ours.getWorkingDir() != null) {
            builder.directory(new File(ours.getWorkingDir()));
        }
        Process process = guardian.start(builder);
        InputStream stdout = new ToolOutput(ours.name, process, ours.getInput());
        return new ExecResult(ours, stdout, InputStream.nullInputStream(), 0);
    }

    @Override
    public void writeOutput(Exchange exchange, ExecResult result) {
        exchange.getMessage().setBody(result.getStdout());
    }

    /** A command that knows its environment; printing it shows none of that. */
    private static final class Command extends ExecCommand {
        private static final long serialVersionUID = 1L;

        private final String name;
        private final transient Map<String, String> environment;

        Command(ExecCommand from, String folder, String program, Map<String, String> environment) {
            super(
                    program,
                    from.getArgs(),
                    folder,
                    from.getTimeout(),
                    from.getExitValues(),
                    from.getInput(),
                    null,
                    false,
                    from.getCommandLogLevel());
            this.name = from.getExecutable();
            this.environment = Map.copyOf(environment);
        }
    }
}
