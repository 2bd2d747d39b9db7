package io.bactrian.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.bactrian.config.Settings;
import io.bactrian.pipeline.MakeStatus;
import io.bactrian.pipeline.Sizes;
import io.bactrian.pipeline.Sources;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.CombinedStatus;
import io.bactrian.repository.Json;
import io.bactrian.repository.Status;
import io.bactrian.repository.Store;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "status", description = "Show how things stand.", mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
    private static final int SHOWN = 10;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    @Option(names = "--json", description = "As JSON.")
    private boolean json;

    @Option(
            names = "--exit-code",
            description = "Exit with 0, 1 or 2 for HEALTHY, DEGRADED or UNHEALTHY, as monitoring plug-ins do.")
    private boolean exitCode;

    @Mixin
    private FromStore from;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws JsonProcessingException {
        Settings all = Invocation.settings();
        Status status = CombinedStatus.of(Repositories.of(all).stream()
                .map(repository -> status(repository, Repositories.databases(all, repository)))
                .toList());
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(status));
        } else {
            print(status, out);
        }
        return exitCode ? status.health().ordinal() : 0;
    }

    private Status status(Settings repository, List<Settings> databases) {
        Map<String, Object> properties =
                Map.of(Sources.STORES, from.stores(repository), MakeStatus.DATABASES, databases);
        return Invocation.call(repository, "status", properties).getMessage().getBody(Status.class);
    }

    /** The first seven lines are a contract with what reads the output of the system before. */
    private static void print(Status status, PrintWriter out) {
        Status.Entry last = status.last();
        out.println("=== BACKUP STATUS ===");
        out.println("Health Status: " + status.health());
        out.println("Total Backups: " + status.totalBackups());
        out.println("Total Size: " + Sizes.text(status.totalBytes()));
        out.println("Last Backup: " + (last == null ? "never" : time(last.started())));
        out.println("Last Backup Size: " + (last == null ? "-" : Sizes.text(status.lastBytes())));
        out.println("Last Backup Duration: " + (last == null ? "-" : Durations.text(last.durationMillis())));
        if (!status.reasons().isEmpty()) {
            out.println();
            status.reasons().forEach(reason -> out.println("! " + reason));
        }
        if (!status.databases().isEmpty()) {
            out.println();
            out.println("Databases:");
            status.databases().forEach(database -> out.println("  " + line(database)));
        }
        status.chains().forEach(chain -> print(chain, out));
        if (status.stores().size() > 1) {
            out.println();
            out.println("Stores:");
            status.stores().forEach(store -> out.println("  " + line(store)));
        }
        if (!status.backups().isEmpty()) {
            out.println();
            List<Status.Entry> newestFirst = new ArrayList<>(status.backups());
            Collections.reverse(newestFirst);
            newestFirst.stream().limit(SHOWN).forEach(b -> out.println(line(b)));
            if (newestFirst.size() > SHOWN) {
                out.println("… and " + (newestFirst.size() - SHOWN) + " older; --json lists all");
            }
        }
    }

    private static void print(Status.ChainEntry chain, PrintWriter out) {
        out.println();
        out.println("Chain " + chain.id() + " of cluster " + chain.cluster()
                + (chain.closed() == null ? "" : ", ended: " + chain.closed()));
        if (chain.windows().isEmpty()) {
            out.println("  Recovery window: none");
        }
        chain.windows()
                .forEach(window ->
                        out.println("  Recovery window: " + time(window.from()) + " to " + time(window.to())));
        if (chain.streamedUntil() != null) {
            out.println(
                    "  Streamed until: " + time(chain.streamedUntil()) + ", recoverable after the next incremental");
        }
        if (chain.rpoSeconds() != null) {
            out.println("  RPO now: " + Durations.text(TimeUnit.SECONDS.toMillis(chain.rpoSeconds())));
        }
        out.println("  Bases: "
                + (chain.bases().isEmpty()
                        ? "none"
                        : chain.bases().stream().map(BackupId::text).collect(Collectors.joining(", "))));
        out.println("  WAL: " + chain.incrementals() + " incrementals, " + Sizes.text(chain.bytes()));
        chain.faults().forEach(fault -> out.println("  ! " + fault));
    }

    private static String line(Status.DatabaseEntry database) {
        return Stream.of(
                        database.name(),
                        database.health().name(),
                        database.last() == null ? "no backup" : database.last().text(),
                        database.last() == null ? null : Sizes.text(database.bytes()),
                        database.last() == null ? null : Durations.text(database.durationMillis()))
                .filter(Objects::nonNull)
                .collect(Collectors.joining("  "));
    }

    private static String line(Status.StoreEntry store) {
        String state = store.unreachable() != null
                ? "unreachable: " + store.unreachable()
                : store.complete()
                        ? "complete"
                        : "behind by " + store.missing().size() + ": "
                                + store.missing().stream()
                                        .limit(SHOWN)
                                        .map(BackupId::text)
                                        .collect(Collectors.joining(", "))
                                + (store.missing().size() > SHOWN ? " …" : "");
        String held = store.name() + "  " + store.backups() + " backups";
        return store.name().equals(Store.LOCAL.name()) ? held : held + "  " + state;
    }

    private static String line(Status.Entry backup) {
        return Stream.of(
                        backup.id().text(),
                        Sizes.text(backup.bytes()),
                        backup.database(),
                        backup.partOf() == null ? null : "of " + backup.partOf(),
                        backup.tested() == null ? "not tested" : "tested " + time(backup.tested()))
                .filter(Objects::nonNull)
                .collect(Collectors.joining("  "));
    }

    private static String time(Instant instant) {
        return TIME.format(instant);
    }
}
