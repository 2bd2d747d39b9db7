package io.bactrian.postgres;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.Map;

/** A read-only copy of a scratch server, in recovery. */
final class Standby implements AutoCloseable {
    private final Path folder;

    private Standby(Path folder) {
        this.folder = folder;
    }

    static Standby of(ScratchServer primary) throws IOException {
        Standby standby = new Standby(primary.serverFolder("standby"));
        ScratchServer.runAsServer(
                "pg_basebackup",
                "--dbname",
                primary.url("postgres"),
                "--pgdata",
                standby.data(),
                "--write-recovery-conf",
                "--checkpoint=fast",
                "--no-sync");
        ScratchServer.runAsServer(
                "pg_ctl",
                "--pgdata",
                standby.data(),
                "--log",
                standby.folder + "/log",
                "--options",
                "-k " + standby.folder + " -c listen_addresses= -c max_connections=100 -c fsync=off",
                "--wait",
                "start");
        return standby;
    }

    Connection connect(String database) {
        String host = folder.toString().replace("/", "%2F");
        return Server.choose(DatabaseUrl.parse("postgresql://postgres@" + host + "/" + database, Map.of()))
                .connect();
    }

    @Override
    public void close() throws IOException {
        ScratchServer.runAsServer("pg_ctl", "--pgdata", data(), "--mode=immediate", "--wait", "stop");
    }

    private String data() {
        return folder + "/data";
    }
}
