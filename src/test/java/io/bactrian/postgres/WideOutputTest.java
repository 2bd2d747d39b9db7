package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a program sees of it, asked of real ones. */
class WideOutputTest {
    @Test
    void the_pipe_holds_two_buffers() throws Exception {
        String getPipeSize = "print 0 + fcntl(STDOUT, 1032, 0)";
        assertThat(run(null, "perl", "-e", getPipeSize).output()).isEqualTo("262144");
    }

    @Test
    void the_program_writes_128_kibibytes_at_a_time() throws Exception {
        // grep fills its buffer; dd tells how many of its reads were whole, for which that much must lie in the pipe
        String pieces = "yes | head -c 1048576 | \"$@\" | dd bs=131072 of=/dev/null 2>&1 | head -1";
        List<String> grep = WideOutput.of(List.of("grep", "y"));
        String[] command = new String[4 + grep.size()];
        List.of("sh", "-c", pieces, "sh").toArray(command);
        System.arraycopy(grep.toArray(), 0, command, 4, grep.size());
        assertThat(plain(null, command).output()).isEqualTo("8+0 records in\n");
    }

    @Test
    void arguments_arrive_as_they_are() throws Exception {
        assertThat(run(null, "printf", "%s|", "a b", "$(id)", "'\"", "", "-e", "`id`;*")
                        .output())
                .isEqualTo("a b|$(id)|'\"||-e|`id`;*|");
    }

    @Test
    void the_exit_code_is_the_programs() throws Exception {
        assertThat(run(null, "sh", "-c", "exit 3").code()).isEqualTo(3);
        assertThat(run(null, "/nowhere/pg_dump").code()).isEqualTo(127);
    }

    @Test
    void the_process_is_the_programs() throws Exception {
        Process process = new ProcessBuilder(WideOutput.of(List.of("sh", "-c", "echo $$"))).start();
        String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(told.strip()).isEqualTo(String.valueOf(process.pid()));
    }

    @Test
    void without_perl_and_stdbuf_the_program_runs_all_the_same(@TempDir Path empty) throws Exception {
        Run run = run(empty, "/bin/echo", "here");
        assertThat(run.output()).isEqualTo("here\n");
        assertThat(run.code()).isZero();
    }

    @Test
    void perl_and_stdbuf_that_do_not_run_keep_nothing_from_running(@TempDir Path broken) throws Exception {
        for (String name : List.of("perl", "stdbuf")) {
            Files.writeString(broken.resolve(name), "#!/bin/sh\necho broken >&2\nexit 1\n");
            assertThat(broken.resolve(name).toFile().setExecutable(true)).isTrue();
        }
        Run run = run(broken, "/bin/echo", "here");
        assertThat(run.output()).isEqualTo("here\n");
        assertThat(run.code()).isZero();
    }

    private record Run(int code, String output) {}

    private static Run run(Path path, String... command) throws IOException, InterruptedException {
        return plain(path, WideOutput.of(List.of(command)).toArray(String[]::new));
    }

    private static Run plain(Path path, String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        if (path != null) {
            builder.environment().put("PATH", path.toString());
        }
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), output);
    }
}
