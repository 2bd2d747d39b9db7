package io.bactrian.s3;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Between a client and an S3 server: passes requests on byte by byte, one a connection, and does to each what the test decides by
 * its first line ({@code PUT /bucket/key?partNumber=1… HTTP/1.1}).
 */
public final class FaultProxy implements AutoCloseable {
    /** What becomes of a request. */
    public interface Fault {
        Fault NONE = new After(Long.MAX_VALUE, Long.MAX_VALUE, false);

        /** The server's answer instead of the server. */
        record Answer(int status, String code) implements Fault {}

        /**
         * The connection breaks.
         *
         * @param sent bytes of the request that get through
         * @param received bytes of the answer that get through
         * @param reset with a reset, otherwise with an orderly end that comes too early
         */
        record After(long sent, long received, boolean reset) implements Fault {}

        /** The server never learns that only a part was asked for. */
        record WithoutRange() implements Fault {}

        /** Nothing comes back. */
        record Stall() implements Fault {}
    }

    private final ServerSocket listener;
    private final int upstream;
    private final Function<String, Fault> faults;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicInteger injected = new AtomicInteger();

    public FaultProxy(int upstream, Function<String, Fault> faults) throws IOException {
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.upstream = upstream;
        this.faults = faults;
        threads.submit(this::accept);
    }

    public String endpoint() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    /** How often it did something. */
    public int injected() {
        return injected.get();
    }

    private Void accept() throws IOException {
        while (!listener.isClosed()) {
            Socket client = listener.accept();
            threads.submit(() -> serve(client));
        }
        return null;
    }

    private Void serve(Socket client) throws Exception {
        try (client) {
            byte[] head = head(client.getInputStream());
            if (head.length == 0) {
                return null;
            }
            String text = new String(head, StandardCharsets.ISO_8859_1);
            Fault fault = faults.apply(text.substring(0, text.indexOf('\r')));
            if (fault != Fault.NONE) {
                injected.incrementAndGet();
            }
            if (fault instanceof Fault.Answer answer) {
                answer(client, answer);
            } else if (fault instanceof Fault.Stall) {
                closed.await();
            } else if (fault instanceof Fault.WithoutRange) {
                relay(client, text.replaceFirst("(?i)\\r\\nRange: [^\\r]*", ""), (Fault.After) Fault.NONE);
            } else {
                relay(client, text, (Fault.After) fault);
            }
        }
        return null;
    }

    private static byte[] head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int matched = 0;
        for (int b; matched < 4 && (b = in.read()) >= 0; ) {
            head.write(b);
            matched = b == "\r\n\r\n".charAt(matched) ? matched + 1 : b == '\r' ? 1 : 0;
        }
        return matched < 4 ? new byte[0] : head.toByteArray();
    }

    private static void answer(Socket client, Fault.Answer answer) throws IOException {
        String body =
                "<?xml version=\"1.0\"?><Error><Code>" + answer.code() + "</Code><Message>injected</Message></Error>";
        client.getOutputStream()
                .write(("HTTP/1.1 " + answer.status() + " X\r\nContent-Type: application/xml\r\nContent-Length: "
                                + body.length() + "\r\nConnection: close\r\n\r\n" + body)
                        .getBytes(StandardCharsets.ISO_8859_1));
        client.shutdownOutput();
        client.setSoTimeout(2000);
        try {
            client.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            return; // it has read the answer, or goes on sending for too long
        }
    }

    private void relay(Socket client, String head, Fault.After fault) throws Exception {
        String once =
                head.replaceAll("(?i)\r\nConnection: [^\r]*", "").replaceFirst("\r\n", "\r\nConnection: close\r\n");
        try (Socket server = new Socket(InetAddress.getLoopbackAddress(), upstream)) {
            server.getOutputStream().write(once.getBytes(StandardCharsets.ISO_8859_1));
            var up = threads.submit(() -> copy(client.getInputStream(), server.getOutputStream(), fault.sent()));
            if (fault.sent() < Long.MAX_VALUE) {
                up.get();
            } else {
                copy(server.getInputStream(), client.getOutputStream(), fault.received());
            }
            if (fault.reset()) {
                client.setSoLinger(true, 0);
            }
        }
    }

    private static Void copy(InputStream in, OutputStream out, long most) throws IOException {
        byte[] buffer = new byte[16 * 1024];
        long left = most;
        for (int n; left > 0 && (n = in.read(buffer, 0, (int) Math.min(buffer.length, left))) >= 0; left -= n) {
            out.write(buffer, 0, n);
            out.flush();
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        closed.countDown();
        threads.shutdownNow();
    }
}
