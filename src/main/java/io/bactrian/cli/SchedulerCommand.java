package io.bactrian.cli;

import io.bactrian.config.ScheduleSettings;
import io.bactrian.config.Settings;
import io.bactrian.pipeline.Scheduler;
import io.bactrian.pipeline.Timetable;
import io.bactrian.repository.DurableFile;
import io.bactrian.repository.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "scheduler",
        description = "Make backups unattended, by BACKUP_SCHEDULE_….",
        mixinStandardHelpOptions = true)
final class SchedulerCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "one of start, status and config is missing");
    }

    @Command(
            name = "start",
            description = "Run until stopped (SIGTERM); for a service manager.",
            mixinStandardHelpOptions = true)
    int start() throws IOException, InterruptedException {
        Settings settings = Invocation.settings();
        if (ScheduleSettings.enabled(settings)) {
            DurableFile.createFolders(settings.directory()); // or there would be no log file until the next start
        }
        try (Scheduler scheduler = Scheduler.start(() -> Invocation.settings().databases(), Clock.systemUTC())) {
            CountDownLatch ended = new CountDownLatch(1);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> end(scheduler, ended), "stop"));
            try {
                scheduler.await();
                scheduler.close();
            } finally {
                ended.countDown();
            }
        }
        return 0;
    }

    private static void end(Scheduler scheduler, CountDownLatch ended) {
        scheduler.stop();
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Command(
            name = "status",
            description = "What the scheduler of this configuration does now, did last and does next.",
            mixinStandardHelpOptions = true)
    int status(@Option(names = "--json", description = "As JSON; a list if there are several databases.") boolean json)
            throws IOException {
        List<Timetable> timetables = Timetable.read(Invocation.settings().databases(), Clock.systemUTC());
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Object content = timetables.size() == 1 ? timetables.get(0) : timetables;
            out.println(Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(content));
        } else {
            TimetableLines.of(timetables).forEach(out::println);
        }
        return 0;
    }

    @Command(
            name = "config",
            description = "The effective schedules, their next times, and where each value comes from.",
            mixinStandardHelpOptions = true)
    int config() {
        for (Settings settings : Invocation.settings().databases()) {
            ScheduleLines.of(settings, Clock.systemUTC().instant())
                    .forEach(spec.commandLine().getOut()::println);
        }
        return 0;
    }
}
