package io.bactrian.postgres;

import io.bactrian.Failure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** A port of 127.0.0.1 that nobody uses. */
public final class LocalPort {
    private LocalPort() {}

    public static int free() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw Failure.running("No free port: " + e.getMessage(), "Close programs that use very many ports.");
        }
    }
}
