package io.bactrian.acceptance;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The other side of a webhook: notes what arrives, and answers as it is told to. */
final class Webhook implements AutoCloseable {
    static final String SECRET_PATH = "/services/T0/B0/webhook-canary";
    private static final int NEVER = 0;

    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private final List<String> taken = new CopyOnWriteArrayList<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;
    private volatile int answer = 200;

    private Webhook() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    static Webhook start() throws IOException {
        return new Webhook();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + SECRET_PATH;
    }

    void answers(int code) {
        answer = code;
    }

    void neverAnswers() {
        answer = NEVER;
    }

    /** Each request, taken or refused. */
    List<String> bodies() {
        return bodies;
    }

    /** Each that was answered with 200. */
    List<String> taken() {
        return taken;
    }

    private void handle(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        bodies.add(body);
        int code = answer;
        if (code == NEVER) {
            try {
                closing.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return;
        }
        if (code == 200) {
            taken.add(body);
        }
        if (code == 429) {
            exchange.getResponseHeaders().add("Retry-After", "30");
        }
        exchange.sendResponseHeaders(code, 2);
        exchange.getResponseBody().write("ok".getBytes(StandardCharsets.UTF_8));
        exchange.close();
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
