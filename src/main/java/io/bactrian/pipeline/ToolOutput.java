package io.bactrian.pipeline;

import io.bactrian.stream.Streams;
import java.io.BufferedReader;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The standard output of a child process. Its end is an end only if the child exited with 0 and took all of its input; otherwise
 * reading throws. Closing early ends the child.
 */
final class ToolOutput extends FilterInputStream {
    private static final Logger LOG = LoggerFactory.getLogger(ToolOutput.class);
    private static final int KEPT_LINES = 20;
    private static final int KEPT_CHARACTERS = 500;
    private static final long GRACE_SECONDS = 5;

    private final String name;
    private final Process process;
    private final CompletableFuture<List<String>> messages;
    private final CompletableFuture<Void> input;
    private boolean checked;
    private volatile boolean closed;
    private volatile boolean abandoned;

    ToolOutput(String name, Process process, InputStream input) {
        super(process.getInputStream());
        this.name = name;
        this.process = process;
        this.messages = inThread("messages of " + name, this::collectMessages);
        this.input = inThread("input of " + name, () -> pump(input));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int n;
        try {
            n = in.read(target, offset, length);
        } catch (IOException e) {
            if (!closed && !abandoned) {
                throw e;
            }
            n = -1; // the stream was closed under us; the exit code, or what was wrong with the input, tells the rest
        }
        if (n < 0 && !checked) {
            check();
            checked = true;
        }
        return n;
    }

    private void check() throws IOException {
        try {
            int code = process.waitFor();
            input.get(); // what was wrong with the input explains the exit code
            List<String> said = messages.get();
            if (code != 0) {
                throw ToolFailure.of(name, code, said);
            }
            said.forEach(line -> LOG.atWarn().addKeyValue("program", name).log(line));
        } catch (ExecutionException e) {
            Streams.rethrow(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while " + name + " was ending");
        }
    }

    /** A program may stop reading when it knows enough (pg_restore --list does); the rest is read all the same, and checked. */
    private Void pump(InputStream source) throws IOException {
        OutputStream out = process.getOutputStream();
        try (InputStream in = source == null ? InputStream.nullInputStream() : source) {
            byte[] buffer = new byte[Streams.BUFFER_BYTES];
            boolean listening = true;
            for (int n; (n = in.read(buffer)) >= 0; ) {
                listening = listening && written(out, buffer, n);
            }
        } catch (IOException | RuntimeException e) {
            abandoned = true;
            process.destroyForcibly(); // before its input ends: it must not take the part it got for the whole
            throw e;
        }
        end(out);
        return null;
    }

    private void end(OutputStream out) {
        try {
            out.close();
        } catch (
                IOException
                        e) { // everything was flushed; it has stopped listening, and its exit code says whether it may
            LOG.trace("{} did not wait for the end of its input", name);
        }
    }

    private static boolean written(OutputStream out, byte[] buffer, int n) {
        try {
            out.write(buffer, 0, n);
            out.flush();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private List<String> collectMessages() throws IOException {
        Deque<String> last = new ArrayDeque<>();
        try (BufferedReader reader = process.errorReader(StandardCharsets.UTF_8)) {
            for (String line; (line = reader.readLine()) != null; ) {
                if (last.size() == KEPT_LINES) {
                    last.removeFirst();
                }
                last.add(line.length() > KEPT_CHARACTERS ? line.substring(0, KEPT_CHARACTERS) + "…" : line);
            }
        }
        return new ArrayList<>(last);
    }

    @Override
    public void close() throws IOException {
        closed = true;
        if (process.isAlive()) {
            process.destroy();
            try {
                if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
        super.close();
    }

    private static <T> CompletableFuture<T> inThread(String name, java.util.concurrent.Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        result.complete(work.call());
                    } catch (Throwable e) { // the reader must learn of everything
                        result.completeExceptionally(e);
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return result;
    }
}
