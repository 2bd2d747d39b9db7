package io.bactrian.acceptance;

import static io.bactrian.acceptance.Aftermath.assertRefused;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bactrian.ExitCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against the PostgreSQL 17 of a Debian 13 tree, which is newer than the programs outside it. */
class NewerServerIT {
    private static final Path TREE = Path.of(System.getProperty("user.home"), ".cache/bactrian/trixie");
    private static final String BIN = "usr/lib/postgresql/17/bin";

    @TempDir
    private Path folder;

    @Test
    void a_server_newer_than_pg_dump_is_refused_with_the_version_to_install() throws Exception {
        assumeTrue(
                Files.isExecutable(TREE.resolve(BIN).resolve("postgres"))
                        && "root".equals(System.getProperty("user.name")),
                "no Debian 13 with PostgreSQL 17: as root, debootstrap --variant=minbase --include=postgresql-17 trixie "
                        + TREE);
        assumeTrue(
                Files.notExists(Path.of("/usr/lib/postgresql/17/bin/pg_dump")),
                "the programs outside the tree are as new as those inside");
        int port = freePort();
        Path data = Files.createTempDirectory(TREE.resolve("tmp"), "newer");
        Process server = null;
        try {
            String inside = "/" + TREE.relativize(data);
            assertThat(chroot(List.of("root", "chown", "postgres", inside)).waitFor())
                    .isZero();
            assertThat(postgres("initdb", "--auth=trust", "--pgdata=" + inside).waitFor())
                    .isZero();
            server = postgres(
                    "postgres",
                    "-D",
                    inside,
                    "-c",
                    "listen_addresses=127.0.0.1",
                    "-c",
                    "port=" + port,
                    "-c",
                    "unix_socket_directories=" + inside);
            await().atMost(60, SECONDS).until(() -> listens(port));
            Path repository = folder.resolve("repository");
            String url = "postgresql://postgres@127.0.0.1:" + port + "/postgres";
            assertRefused(
                    Program.of(repository, url).run("full"),
                    ExitCode.PRECONDITION,
                    "is older than the server, which is PostgreSQL 17",
                    "postgresql-client-17");
            assertThat(Aftermath.entries(repository.resolve("full"))).isEmpty();
        } finally {
            if (server != null) {
                ChildProcesses.Marked.signal(server.pid(), "INT");
                server.waitFor();
            }
            delete(data);
        }
    }

    private static Process postgres(String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("postgres", "/" + BIN + "/" + program));
        command.addAll(List.of(arguments));
        return chroot(command);
    }

    /** The first word is the account. */
    private static Process chroot(List<String> accountAndCommand) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("chroot", "--userspec=" + accountAndCommand.get(0), TREE.toString()));
        command.addAll(accountAndCommand.subList(1, accountAndCommand.size()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("LC_ALL", "C.UTF-8");
        return builder.start();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
