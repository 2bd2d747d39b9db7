package io.bactrian.pipeline;

import io.bactrian.postgres.DataDirectory;
import io.bactrian.postgres.DumpScope;
import io.bactrian.postgres.OriginalConfiguration;
import io.bactrian.postgres.RecoveredCluster;
import io.bactrian.postgres.ReplayTarget;
import io.bactrian.postgres.Server;
import io.bactrian.postgres.StandbySlot;
import io.bactrian.postgres.UnpackedBase;
import io.bactrian.repository.Artifact;
import io.bactrian.repository.Manifest;
import io.bactrian.repository.RecoveryPlan;
import io.bactrian.repository.Store;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.camel.Exchange;

/** A point-in-time recovery under way: the one value that travels with the exchange. It never changes; each step replaces it. */
public final class Recovery implements ToolTarget {
    public static final String PROPERTY = "recovery";

    private final RecoveryOptions options;
    private final Instant started;
    private RecoveryPlan plan;
    private List<Store> stores = List.of();
    private UnpackedBase base;
    private DataDirectory dataDirectory;
    private RecoveredCluster cluster;
    private OriginalConfiguration original = OriginalConfiguration.UNKNOWN;
    private StandbySlot slot;
    private DumpScope dump;
    private Server server;
    private String database;
    private List<Phase> phases = List.of();
    private List<String> report = List.of();

    /** A part of the work, and when it began. */
    public record Phase(String name, Instant began) {}

    private Recovery(RecoveryOptions options, Instant started) {
        this.options = options;
        this.started = started;
    }

    private Recovery(Recovery other) {
        this(other.options, other.started);
        this.plan = other.plan;
        this.stores = other.stores;
        this.base = other.base;
        this.dataDirectory = other.dataDirectory;
        this.cluster = other.cluster;
        this.original = other.original;
        this.slot = other.slot;
        this.dump = other.dump;
        this.server = other.server;
        this.database = other.database;
        this.phases = other.phases;
        this.report = other.report;
    }

    public static Recovery asked(RecoveryOptions options, Instant started) {
        return new Recovery(options, started).entering("plan", started);
    }

    public static Recovery of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, Recovery.class);
    }

    void on(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    /** The only place where a value changes: in a copy that nobody has seen yet. */
    private Recovery with(Consumer<Recovery> change) {
        Recovery copy = new Recovery(this);
        change.accept(copy);
        return copy;
    }

    /** Where its files may be read. */
    List<Store> stores() {
        return stores;
    }

    /** @param holders where its files may be read, in the order in which the stores are tried */
    Recovery planned(RecoveryPlan made, List<Store> holders) {
        return with(copy -> {
            copy.plan = made;
            copy.stores = holders;
        });
    }

    Recovery withBase(UnpackedBase prepared) {
        return with(copy -> copy.base = prepared);
    }

    Recovery withDataDirectory(DataDirectory claimed) {
        return with(copy -> copy.dataDirectory = claimed);
    }

    Recovery withCluster(RecoveredCluster recovered) {
        return with(copy -> copy.cluster = recovered);
    }

    Recovery withOriginal(OriginalConfiguration known) {
        return with(copy -> copy.original = known);
    }

    Recovery withSlot(StandbySlot held) {
        return with(copy -> copy.slot = held);
    }

    Recovery dumping(DumpScope scope) {
        return with(copy -> copy.dump = scope);
    }

    Recovery withServer(Server opened, String name) {
        return with(copy -> {
            copy.server = opened;
            copy.database = name;
        });
    }

    Recovery entering(String phase, Instant now) {
        return with(copy -> copy.phases = appended(phases, List.of(new Phase(phase, now))));
    }

    Recovery reporting(List<String> lines) {
        return with(copy -> copy.report = appended(report, lines));
    }

    private static <T> List<T> appended(List<T> list, List<T> more) {
        List<T> all = new ArrayList<>(list);
        all.addAll(more);
        return List.copyOf(all);
    }

    public RecoveryOptions options() {
        return options;
    }

    public Instant started() {
        return started;
    }

    /** Null before the {@code plan} step. */
    public RecoveryPlan plan() {
        return plan;
    }

    /** Where base and WAL are unpacked to; null before the {@code plan} step. */
    UnpackedBase base() {
        return base;
    }

    /** The data directory that was asked for; null for one database. */
    DataDirectory dataDirectory() {
        return dataDirectory;
    }

    /** Null before the {@code recover} step. */
    RecoveredCluster cluster() {
        return cluster;
    }

    /** How the original was configured, as far as that was kept. */
    OriginalConfiguration original() {
        return original;
    }

    /** What holds WAL for a standby; null if none is being made. */
    StandbySlot slot() {
        return slot;
    }

    /** What of the recovered database is dumped; null before the {@code recovered} step. */
    DumpScope dump() {
        return dump;
    }

    public List<Phase> phases() {
        return phases;
    }

    /** Lines for the user. */
    public List<String> report() {
        return report;
    }

    /** For people: what was asked for, and for {@code latest} what that is. */
    String moment() {
        return options.time().isLatest()
                ? plan.until() + " (latest)"
                : options.time().toString();
    }

    /** Where the server is to stop. */
    ReplayTarget target() {
        return new ReplayTarget(plan.target().setting(), plan.target().value(), plan.timeline());
    }

    /** The names of all WAL segments that replay needs, in its order. */
    List<String> segmentNames() {
        return plan.segments().stream()
                .map(artifact -> Unpack.walName(artifact.name()))
                .toList();
    }

    /** For routes: the tar archives of the base, each as something to read. */
    public List<Reading> baseReadings() {
        return readings(Artifact.BASE, Artifact.TABLESPACE);
    }

    private List<Reading> readings(String... contents) {
        return plan.base().artifacts().stream()
                .filter(artifact -> List.of(contents).contains(artifact.content()))
                .map(artifact -> Reading.of(plan.base(), artifact, stores))
                .toList();
    }

    /** For routes: how the original was configured, as something to read; one or none. */
    public List<Reading> configurationReadings() {
        return readings(Artifact.CONFIGURATION);
    }

    /** For routes: histories of timelines and WAL segments, each as something to read. */
    public List<Reading> walReadings() {
        Manifest ofItsChain = plan.incrementals().get(plan.incrementals().size() - 1);
        return Stream.concat(plan.histories().stream(), plan.segments().stream())
                .map(artifact -> Reading.of(ofItsChain, artifact, stores))
                .toList();
    }

    /** For routes: the whole cluster, and not one database of it. */
    public boolean isWholeCluster() {
        return options.dataDirectory().isPresent();
    }

    /** One whole database goes through a dump. */
    boolean isWholeDatabase() {
        return !isWholeCluster() && options.table().isEmpty();
    }

    /** For routes: arguments of {@code pg_dump} that depend on what was asked. */
    public String dumpOptions() {
        return String.join(" ", dump.arguments());
    }

    /** For routes. */
    public boolean isStandby() {
        return options.standby();
    }

    /** The temporary server. */
    @Override
    public Server server() {
        return server;
    }

    @Override
    public String databaseName() {
        return database;
    }
}
