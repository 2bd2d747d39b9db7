package io.bactrian.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.repository.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Every schedule each minute, for hours ({@code -Dbactrian.soak.minutes}), while somebody writes: nothing may pile up. */
@Tag("soak")
@ExtendWith(Postgres.Shared.class)
class SchedulerSoakIT {
    private static final String DATABASE = "soak";
    private static final double GROWTH = 1.15;

    @TempDir
    private Path folder;

    /** What the process holds at a moment; memory in KiB. */
    private record Sample(long memory, long threads, long handles) {
        static Sample of(long pid) throws IOException {
            Path proc = Path.of("/proc/" + pid);
            try (var handles = Files.list(proc.resolve("fd"))) {
                return new Sample(field(proc, "VmRSS"), field(proc, "Threads"), handles.count());
            }
        }

        private static long field(Path proc, String name) throws IOException {
            return Files.readAllLines(proc.resolve("status")).stream()
                    .filter(line -> line.startsWith(name + ":"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void memory_threads_and_file_handles_stay_flat(Postgres postgres) throws Exception {
        Duration length = Duration.ofMinutes(Long.getLong("bactrian.soak.minutes", 180));
        Slots.bound(postgres);
        postgres.createDatabase(DATABASE);
        postgres.sql(DATABASE, "CREATE TABLE t AS SELECT generate_series(1, 1000) AS i");
        Program program = Program.of(folder.resolve("repository"), postgres.backupUrl(DATABASE))
                .with("BACKUP_SCHEDULER_ENABLED", "true")
                .with("BACKUP_SCHEDULE_FULL", "*/2 * * * *")
                .with("BACKUP_SCHEDULE_INCREMENTAL", "* * * * *")
                .with("BACKUP_SCHEDULE_INTEGRITY", "* * * * *")
                .with("BACKUP_SCHEDULE_CLEANUP", "* * * * *");
        Program.Running scheduler = Program.Running.of(program.start("scheduler", "start"));
        List<Sample> samples = new ArrayList<>();
        for (Instant end = Instant.now().plus(length); Instant.now().isBefore(end); ) {
            assertThat(scheduler.process().waitFor(20, TimeUnit.SECONDS))
                    .as("it ended")
                    .isFalse();
            postgres.sql(DATABASE, "INSERT INTO t SELECT generate_series(1, 1000)");
            samples.add(Sample.of(scheduler.process().pid()));
        }
        Program.Outcome status = program.run("scheduler", "status", "--json");
        ChildProcesses.Marked.signal(scheduler.process().pid(), "TERM");
        scheduler.outcome();

        System.out.println(samples);
        assertFlat("memory", samples, Sample::memory);
        assertFlat("threads", samples, Sample::threads);
        assertFlat("file handles", samples, Sample::handles);
        Json.mapper()
                .readTree(status.out())
                .path("schedules")
                .forEach(schedule -> assertThat(
                                schedule.path("last").path("error").asText(""))
                        .isEmpty());
        new StoredWal(folder.resolve("repository")).assertUnbroken();
    }

    /** The highest of the last third against the highest of the second: the first is for warming up. */
    private static void assertFlat(String what, List<Sample> samples, ToLongFunction<Sample> measured) {
        int third = samples.size() / 3;
        long before = samples.subList(third, 2 * third).stream()
                .mapToLong(measured)
                .max()
                .orElseThrow();
        long after = samples.subList(2 * third, samples.size()).stream()
                .mapToLong(measured)
                .max()
                .orElseThrow();
        assertThat((double) after).as(what).isLessThan(before * GROWTH);
    }
}
