package io.bactrian.postgres;

import java.util.Optional;

/**
 * One place where a server may listen.
 *
 * @param name a host name, an IP address, or the absolute path of the directory that holds a unix socket
 * @param address the IP address to use in place of looking the name up (libpq's {@code hostaddr})
 * @param port the TCP port, or the number in the name of the unix socket
 */
public record Host(String name, Optional<String> address, int port) {
    static Host of(String name, int port) {
        return new Host(name, Optional.empty(), port);
    }

    public boolean isSocket() {
        return name.startsWith("/");
    }

    /** The file of the unix socket. */
    String socket() {
        return name + "/.s.PGSQL." + port;
    }

    @Override
    public String toString() {
        return (name.indexOf(':') >= 0 ? "[" + name + "]" : name) + ":" + port;
    }
}
