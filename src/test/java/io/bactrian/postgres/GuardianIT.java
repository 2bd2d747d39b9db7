package io.bactrian.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuardianIT {
    private Path parent;

    @BeforeEach
    void make_a_directory_that_any_account_may_enter() throws IOException {
        parent = Files.createTempDirectory("guarded");
        assertThat(parent.toFile().setExecutable(true, false)).isTrue();
    }

    @AfterEach
    void nothing_is_left_behind() throws IOException {
        Files.delete(parent);
    }

    @ParameterizedTest
    @ValueSource(strings = {"KILL", "TERM", "INT"})
    void children_and_servers_end_with_the_jvm_however_it_ends(String signal) throws Exception {
        Process jvm = victim();
        List<Long> children = numbersPrintedBy(jvm);
        // the stubborn shell with its sleep, the guardian, postgres and its workers
        assertThat(children).hasSizeGreaterThan(6).allMatch(GuardianIT::lives);

        new ProcessBuilder("kill", "-" + signal, String.valueOf(jvm.pid()))
                .start()
                .waitFor();
        jvm.waitFor();

        await().atMost(8, SECONDS).untilAsserted(() -> assertThat(children).noneMatch(GuardianIT::lives));
        TemporaryDirectory.clearLeftovers(parent);
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void a_server_whose_guardian_was_killed_too_is_ended_with_its_leftovers() throws Exception {
        Process jvm = victim();
        List<Long> children = numbersPrintedBy(jvm);
        ProcessHandle guardian = jvm.children()
                .filter(child -> child.info().commandLine().orElse("").contains("bactrian-guardian"))
                .findFirst()
                .orElseThrow();
        guardian.destroyForcibly();
        guardian.onExit().join();
        List<ProcessHandle> stubborn = jvm.descendants()
                .filter(child -> child.info().command().orElse("").matches(".*/(dash|sh|sleep)"))
                .toList();
        jvm.destroyForcibly().waitFor();

        TemporaryDirectory.clearLeftovers(parent);

        stubborn.forEach(ProcessHandle::destroyForcibly);
        assertThat(parent).isEmptyDirectory();
        await().atMost(8, SECONDS).untilAsserted(() -> assertThat(children).noneMatch(GuardianIT::lives));
    }

    @Test
    void a_child_keeps_its_streams_folder_and_environment() throws Exception {
        try (Guardian guardian = new Guardian()) {
            ProcessBuilder builder = new ProcessBuilder(
                            "sh", "-c", "cat; pwd; echo \"$WORD\" $#; exit 7", "x", "a b", "$(c)")
                    .directory(new File("/usr"));
            builder.environment().put("WORD", "it's $HOME");
            List<String> command = List.copyOf(builder.command());
            Process child = guardian.start(builder);
            child.getOutputStream().write("in\n".getBytes(UTF_8));
            child.getOutputStream().close();
            assertThat(child.getInputStream()).hasContent("in\n/usr\nit's $HOME 2\n");
            assertThat(child.waitFor()).isEqualTo(7);
            assertThat(builder.command()).isEqualTo(command);
        }
    }

    @Test
    void a_missing_program_ends_with_127() throws Exception {
        try (Guardian guardian = new Guardian()) {
            assertThat(guardian.start(new ProcessBuilder("/no/such/program")).waitFor())
                    .isEqualTo(127);
        }
    }

    @Test
    void closing_ends_the_children_and_those_they_started() throws Exception {
        Process child;
        List<ProcessHandle> all;
        try (Guardian guardian = new Guardian()) {
            child = guardian.start(new ProcessBuilder("sh", "-c", "sleep 1000 & echo started; wait"));
            assertThat(new BufferedReader(child.inputReader(UTF_8)).readLine()).isEqualTo("started");
            all = child.descendants().toList();
            assertThat(all).isNotEmpty();
        }
        assertThat(child.waitFor()).isNotZero();
        await().atMost(2, SECONDS).untilAsserted(() -> assertThat(all).noneMatch(each -> lives(each.pid())));
    }

    @Test
    void children_that_ended_are_forgotten_and_others_live_on() throws Exception {
        try (Guardian guardian = new Guardian()) {
            Process lasting = guardian.start(new ProcessBuilder("sleep", "1000"));
            for (int i = 0; i < 20; i++) {
                assertThat(guardian.start(new ProcessBuilder("true")).waitFor()).isZero();
            }
            assertThat(lasting.isAlive()).isTrue();
        }
    }

    @Test
    void an_ordered_end_of_the_jvm_removes_the_cluster_as_well() throws Exception {
        Process jvm = victim();
        assertThat(numbersPrintedBy(jvm)).isNotEmpty();
        jvm.getOutputStream().close();
        assertThat(jvm.waitFor()).isZero();
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    @EnabledIf("runsAsRoot")
    void an_unprivileged_account_has_clusters_too() throws Exception {
        Path classes = Files.createDirectory(parent.resolve("classes"));
        for (Class<?> ours : List.of(Victim.class, Guardian.class)) {
            copyTree(
                    Path.of(ours.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI()),
                    classes);
        }
        Path own = Files.createDirectory(parent.resolve("own"));
        Account account = Account.forServers();
        account.own(own);
        Process jvm = start(account.command(java(classes.toString(), own)));
        List<Long> children = numbersPrintedBy(jvm);
        assertThat(children).hasSizeGreaterThan(6);
        jvm.destroyForcibly().waitFor();
        await().atMost(8, SECONDS).untilAsserted(() -> assertThat(children).noneMatch(GuardianIT::lives));
        assertThat(own).isNotEmptyDirectory();

        Process next = start(account.command(java(classes.toString(), own)));
        assertThat(numbersPrintedBy(next)).isNotEmpty();
        next.getOutputStream().close();
        assertThat(next.waitFor()).isZero();
        assertThat(own).isEmptyDirectory();
        Files.delete(own);
        deleteTree(classes);
    }

    static boolean runsAsRoot() {
        return Account.forServers().switched();
    }

    private static void copyTree(Path from, Path to) throws IOException {
        new ProcessBuilder("cp", "-r", from + "/.", to.toString())
                .start()
                .onExit()
                .join();
    }

    private static void deleteTree(Path root) throws IOException {
        new ProcessBuilder("rm", "-r", root.toString()).start().onExit().join();
    }

    private Process victim() throws IOException {
        return start(java(System.getProperty("java.class.path"), parent));
    }

    private static List<String> java(String classPath, Path directory) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath,
                Victim.class.getName(),
                directory.toString());
    }

    private static Process start(List<String> command) throws IOException {
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static List<Long> numbersPrintedBy(Process jvm) throws IOException {
        List<Long> numbers = new ArrayList<>();
        BufferedReader reader = new BufferedReader(new InputStreamReader(jvm.getInputStream(), UTF_8));
        for (String line = reader.readLine(); line != null && !line.endsWith("ready"); line = reader.readLine()) {
            numbers.add(Long.valueOf(line));
        }
        return numbers;
    }

    /** A zombie, which nobody may ever collect in a container, counts as ended. */
    private static boolean lives(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
            return !stat.substring(stat.lastIndexOf(')')).startsWith(") Z");
        } catch (IOException e) {
            return false;
        }
    }
}
