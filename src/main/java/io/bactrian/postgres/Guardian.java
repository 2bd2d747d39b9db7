package io.bactrian.postgres;

import io.bactrian.Failure;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Sees to it that no child process outlives this JVM, however it ends.
 *
 * <p>A tiny shell, started with the first child, reads a pipe whose only lasting writer is this JVM. Each child registers
 * itself there before it becomes its program, so there is no instant in which it could be missed. At the end of the pipe,
 * which even SIGKILL cannot prevent, the shell interrupts what is registered and kills what is left after
 * {@value #GRACE_SECONDS} seconds. Each child leads a session of its own: its own children end with it, and Ctrl-C reaches
 * us alone, to end it in order. Linux only, for {@code /proc}.
 */
public final class Guardian implements AutoCloseable {
    private static final int GRACE_SECONDS = 3;

    /**
     * The start time (field 22 of /proc/PID/stat, the 20th after the name) tells a child from a stranger that got its number
     * later. A terminal's or service manager's signals must not end the guardian before its work is done.
     */
    private static final String WATCH = """
            trap '' INT TERM HUP QUIT
            began() {
              { IFS= read -r stat <"/proc/$1/stat"; } || return
              set -- ${stat##*) }
              [ "$1" = Z ] || echo "${20}"
            }
            lives() { [ -n "${1#*:}" ] && [ "$(began "${1%%:*}")" = "${1#*:}" ]; }
            tell() { kill -s "$1" -- "-$2" || kill -s "$1" "$2"; }
            children=
            while read -r change pid; do
              kept=
              for child in $children; do [ "${child%:*}" = "$pid" ] || kept="$kept $child"; done
              children=$kept
              [ "$change" = + ] && children="$children $pid:$(began "$pid")"
            done
            left=
            for child in $children; do lives "$child" && left="$left ${child%:*}"; done
            for child in $left; do tell INT "$child"; done
            tenths=0
            while [ $tenths -lt "$1" ]; do
              busy=
              for child in $left; do tell 0 "$child" && busy=y; done
              [ -n "$busy" ] || exit 0
              sleep 0.1
              tenths=$((tenths + 1))
            done
            for child in $left; do tell KILL "$child"; done
            """;

    private static final String REGISTER = "echo \"+ $$\" >\"$0\" && exec setsid \"$@\"";

    private final Thread atTheEnd = new Thread(this::close, "guardian");
    private Process shell;

    /**
     * Starts a program that will not outlive us. Its streams, folder and environment are as the builder says; a program that
     * does not exist ends with code 127 in place of an exception.
     */
    public Process start(ProcessBuilder builder) {
        List<String> program = List.copyOf(builder.command());
        try {
            List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", REGISTER, pipe()));
            command.addAll(program);
            Process child = builder.command(command).start();
            child.onExit().thenAccept(this::forget);
            return child;
        } catch (IOException e) {
            throw Failure.precondition(
                    "Cannot start " + program.get(0) + ": " + e.getMessage(),
                    "Check that /bin/sh and setsid exist and that the limit on processes (ulimit -u) is not reached.");
        } finally {
            builder.command(program);
        }
    }

    /** Ends what still runs and waits for it; a later {@link #start} begins anew. */
    @Override
    public synchronized void close() {
        if (shell == null) {
            return;
        }
        try {
            shell.getOutputStream().close();
            shell.waitFor(GRACE_SECONDS + 2L, TimeUnit.SECONDS);
        } catch (IOException e) {
            shell.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        shell = null;
        AtShutdown.withdraw(atTheEnd);
    }

    /** The guardian's end of the pipe, as a path that a child can open. */
    private synchronized String pipe() throws IOException {
        if (shell != null && !shell.isAlive()) {
            throw new IOException("the shell that would end it with us was killed");
        }
        if (shell == null) {
            String grace = String.valueOf(GRACE_SECONDS * 10);
            ProcessBuilder builder = new ProcessBuilder("setsid", "/bin/sh", "-c", WATCH, "bactrian-guardian", grace)
                    .directory(new File("/"))
                    .redirectOutput(Redirect.DISCARD)
                    .redirectError(Redirect.DISCARD);
            ChildEnvironment.clear(builder.environment());
            try {
                Runtime.getRuntime().addShutdownHook(atTheEnd);
            } catch (IllegalStateException e) {
                throw new IOException("this program is being ended", e);
            }
            shell = builder.start();
        }
        return "/proc/" + shell.pid() + "/fd/0";
    }

    private synchronized void forget(Process child) {
        if (shell == null || !shell.isAlive()) {
            return;
        }
        try {
            OutputStream pipe = shell.getOutputStream();
            pipe.write(("- " + child.pid() + "\n").getBytes(StandardCharsets.US_ASCII));
            pipe.flush();
        } catch (IOException e) {
            // its reader was killed just now; the next start says so
            shell.destroy();
        }
    }
}
