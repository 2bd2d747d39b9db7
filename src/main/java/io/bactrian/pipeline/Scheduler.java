package io.bactrian.pipeline;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.config.ConfiguredClusters;
import io.bactrian.config.ScheduleSettings;
import io.bactrian.config.Setting;
import io.bactrian.config.Settings;
import io.bactrian.repository.RunLock;
import io.bactrian.schedule.Agenda;
import io.bactrian.schedule.Cron;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The unattended program: one pipeline for each database, with its schedules. Where routes or settings change, new pipelines take
 * over if they start; otherwise the old ones stay.
 */
public final class Scheduler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Scheduler.class);
    private static final String ACTIVITY = "scheduler";
    private static final String RELOAD = "reload";
    private static final long LOOKS_EVERY_MILLIS = 2000;

    /** @param retired set once another one has taken over */
    private record Running(Pipeline pipeline, AtomicBoolean retired) {}

    private final Supplier<List<Settings>> configuration;
    private final Clock clock;
    private final Places places;
    private final List<RunLock> locks = new ArrayList<>();
    private final List<Agenda> agendas = new ArrayList<>();
    private final List<Running> retired = new ArrayList<>();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Watch watch;
    private List<Running> current = List.of();
    private int contexts;

    private Scheduler(Supplier<List<Settings>> configuration, List<Settings> databases, Clock clock) {
        this.configuration = configuration;
        this.clock = clock;
        this.places = new Places(ScheduleSettings.parallel(databases.get(0)));
        this.watch = new Watch(databases.get(0).home());
    }

    /**
     * @param configuration reads it, anew each time
     * @throws Failure with exit code 2 if it is wrong, 75 if there is another scheduler for the same folder
     */
    public static Scheduler start(Supplier<List<Settings>> configuration, Clock clock) throws IOException {
        List<Settings> databases = configuration.get();
        refuseUnlessEnabled(databases.get(0));
        Scheduler scheduler = new Scheduler(configuration, databases, clock);
        try {
            scheduler.lock(databases);
            scheduler.current = scheduler.begin(databases);
        } catch (IOException | RuntimeException e) {
            scheduler.close();
            throw e;
        }
        LOG.info("Scheduler started");
        return scheduler;
    }

    private static void refuseUnlessEnabled(Settings settings) {
        if (!ScheduleSettings.enabled(settings)) {
            throw new Failure(
                    ExitCode.USAGE,
                    "the scheduler is not enabled here",
                    "Set BACKUP_SCHEDULER_ENABLED=true on the one machine that is to make the backups.");
        }
    }

    private void lock(List<Settings> databases) throws IOException {
        Set<Path> roots = new HashSet<>();
        for (Settings settings : databases) {
            if (roots.add(settings.directory())) {
                locks.add(RunLock.acquire(settings.directory(), ACTIVITY));
            }
        }
    }

    /** Whether one is at work, in any process. */
    public static boolean isRunning(Settings settings) throws IOException {
        return RunLock.isHeld(settings.directory(), ACTIVITY);
    }

    private List<Running> begin(List<Settings> databases) throws IOException {
        List<Running> begun = new ArrayList<>();
        try {
            for (Settings settings : databases) {
                begun.add(begin(settings, leftToOthers(settings, databases)));
            }
            return begun;
        } catch (IOException | RuntimeException e) {
            begun.forEach(running -> running.pipeline().close());
            throw e;
        }
    }

    private Running begin(Settings settings, Set<String> others) throws IOException {
        ScheduleSettings.all().forEach(schedule -> cron(settings, schedule));
        AtomicBoolean over = new AtomicBoolean();
        Agenda agenda = agenda(settings);
        Unattended unattended = new Unattended("bactrian-" + ++contexts, agenda, places, others, over::get);
        Pipeline pipeline = Pipeline.startUnattended(settings, clock, unattended);
        if (current.isEmpty()) {
            tellCutOff(agenda, pipeline);
        }
        return new Running(pipeline, over);
    }

    /** The schedules that another database's turn serves too: databases of a cluster share WAL, those of a repository its cleanup and summary. */
    static Set<String> leftToOthers(Settings settings, List<Settings> databases) {
        Set<String> others = new HashSet<>();
        for (List<Settings> cluster : ConfiguredClusters.of(databases)) {
            if (cluster.contains(settings) && !cluster.get(0).equals(settings)) {
                others.add("incremental");
            }
        }
        Settings first = databases.stream()
                .filter(each -> each.directory().equals(settings.directory()))
                .findFirst()
                .orElseThrow();
        if (!first.equals(settings)) {
            others.add("cleanup");
            others.add("summary");
        }
        return others;
    }

    /** A run that is noted as at work before anything has begun. */
    private void tellCutOff(Agenda agenda, Pipeline pipeline) {
        agenda.page().turns().forEach((schedule, turn) -> {
            if (turn.isAtWork()) {
                Failure cutOff = new Failure(
                        ExitCode.FAILED,
                        "the " + schedule + " run that began at " + turn.started()
                                + " was cut off: the scheduler was killed, or the machine stopped",
                        "It is made again now; the journal and the kernel's log tell what happened.");
                agenda.change(schedule, cut -> cut.fail(clock.instant(), cutOff.getMessage(), clock.instant()));
                pipeline.tell(schedule, cutOff);
            }
        });
    }

    /**
     * What a schedule's setting says; empty if it is off.
     *
     * @throws Failure that names the setting if it is wrong
     */
    public static Optional<Cron> cron(Settings settings, Setting schedule) {
        return TakeTurn.cron(ScheduleSettings.kind(schedule), settings.get(schedule));
    }

    /** The one that this process has of a database, whichever pipeline asks. */
    private Agenda agenda(Settings settings) throws IOException {
        for (Agenda agenda : agendas) {
            if (agenda.isOf(settings.directory(), settings.name())) {
                return agenda;
            }
        }
        Agenda agenda = Agenda.open(
                settings.directory(), settings.name(), clock.instant().truncatedTo(ChronoUnit.SECONDS));
        agendas.add(agenda);
        return agenda;
    }

    /** Returns when {@link #stop} was called. */
    public void await() throws InterruptedException {
        while (!stopping.await(LOOKS_EVERY_MILLIS, TimeUnit.MILLISECONDS)) {
            if (watch.hasChanged()) {
                reload();
            }
            buryRetired();
        }
    }

    private void reload() {
        List<Running> next;
        try {
            next = begin(configuration.get());
        } catch (Failure | IOException e) {
            Failure failure = Failures.of(e);
            LOG.atError().addKeyValue("hint", failure.hint()).log("Not reloaded: {}", failure.getMessage());
            current.forEach(running -> running.pipeline()
                    .tell(
                            RELOAD,
                            new Failure(
                                    failure.exitCode(),
                                    "the changed routes or settings are not used, the old ones stay: "
                                            + failure.getMessage(),
                                    failure.hint())));
            return;
        }
        current.forEach(running -> running.retired().set(true));
        retired.addAll(current);
        current = next;
        current.forEach(running -> running.pipeline().tellSuccess(RELOAD));
        LOG.info("Routes and settings reloaded");
    }

    private void buryRetired() {
        List<Running> idle =
                retired.stream().filter(running -> running.pipeline().isIdle()).toList();
        idle.forEach(running -> running.pipeline().close());
        retired.removeAll(idle);
    }

    /** From any thread, a signal's too. */
    public void stop() {
        places.stop();
        stopping.countDown();
    }

    /** Ends what is at work, in order, and waits for it. */
    @Override
    public void close() throws IOException {
        stop();
        List<Thread> closing = new ArrayList<>();
        for (Running running : all()) {
            Thread thread = new Thread(() -> running.pipeline().close(), "closing");
            thread.start();
            closing.add(thread);
        }
        try {
            for (Thread thread : closing) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (RunLock lock : locks) {
            lock.close();
        }
        LOG.info("Scheduler stopped");
    }

    private List<Running> all() {
        List<Running> all = new ArrayList<>(retired);
        all.addAll(current);
        return all;
    }
}
