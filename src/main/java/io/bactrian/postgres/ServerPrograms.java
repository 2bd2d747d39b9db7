package io.bactrian.postgres;

import io.bactrian.Failure;
import io.bactrian.crypto.ShellQuote;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** PostgreSQL's server programs, to be run as the account that they accept and with nothing of our environment. */
record ServerPrograms(Tools tools, Account account) {
    private static final Pattern NEVER = Pattern.compile("(?!)");

    ProcessBuilder program(String name, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(tools.program(name).toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(account.command(command)).directory(new File("/"));
        // nothing that we were started with, PGDATA or a time zone, may reach it
        builder.environment().clear();
        builder.environment().putAll(Map.of("PATH", "/usr/bin:/bin", "LC_ALL", "C.UTF-8", "TZ", "UTC"));
        return builder;
    }

    /** Makes an empty cluster (UTF-8, C.UTF-8) in an empty directory. */
    void initialize(Guardian guardian, Path data, String superuser) {
        output(
                guardian,
                "initdb",
                List.of(
                        "--pgdata=" + data,
                        "--username=" + superuser,
                        "--encoding=UTF8",
                        "--locale=C.UTF-8",
                        "--auth-local=trust",
                        "--auth-host=scram-sha-256",
                        "--no-sync",
                        "--no-instructions"));
    }

    /** For people. */
    String startCommand(Path data) {
        String start = tools.program("pg_ctl") + " --pgdata=" + ShellQuote.quote(data.toString()) + " start";
        return account.switched() ? "sudo -u " + account.name() + " " + start : start;
    }

    /**
     * What a short program printed, its messages included.
     *
     * @throws Failure if it ended with another exit code than 0
     */
    String output(Guardian guardian, String name, List<String> arguments) {
        return outputUpTo(guardian, name, arguments, NEVER);
    }

    /** The same, of a program that always ends with an error; what it says then must be this. */
    String outputUpTo(Guardian guardian, String name, List<String> arguments, Pattern expectedError) {
        Process process = guardian.start(program(name, arguments).redirectErrorStream(true));
        try {
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() == 0 || expectedError.matcher(output).find()) {
                return output;
            }
            throw Failure.running(name + " failed: " + output.strip(), "The message is the program's own.");
        } catch (IOException e) {
            throw Failure.running(name + " failed: " + e.getMessage(), "Try again.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Failure.running("interrupted while " + name + " was running", "Try again.");
        }
    }
}
