package io.bactrian.pipeline;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.alert.Alert;
import io.bactrian.alert.AlertText;
import io.bactrian.alert.Event;
import io.bactrian.alert.Outbox;
import io.bactrian.alert.SlackBlocks;
import io.bactrian.config.AlertSettings;
import io.bactrian.config.Setting;
import io.bactrian.config.Settings;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Manifest;
import io.bactrian.repository.RunLock;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The {@code alerts} step: what is told, and what happened to it. Nothing of it makes a backup fail. */
public final class Alerts {
    private static final Logger LOG = LoggerFactory.getLogger(Alerts.class);
    private static final String DELIVERY = "delivery";
    /** The exchange property with the channels that have failed in this round; all parts of a split share it. */
    private static final String SILENT = "silentChannels";
    /** The exception that is being told of: that of a channel must not take its place. */
    private static final String TOLD_OF = "toldOf";
    /** In the answer of a webhook, as Slack's library shows it in its exception; in seconds (RFC 9110 §10.2.3). */
    private static final Pattern RETRY_AFTER = Pattern.compile("(?i)retry-after=\\[(\\d{1,9})]");
    /** However long a webhook wants to be left alone. */
    private static final long LONGEST_SILENCE_SECONDS = 3600;

    private static final String CHAIN = "point-in-time recovery";
    private static final Set<String> BACKUPS = Set.of("full", "incremental");
    /** What a run is for, by the route that it began with; of all others somebody waits for the answer. */
    private static final Map<String, String> ACTIVITIES = Map.of(
            "backup-full", "full",
            "backup-incremental", "incremental",
            "replicate", "replication",
            "cleanup", "cleanup",
            "verify", "integrity test",
            "verify-backup", "integrity test");

    private final Settings settings;
    private final Outbox outbox;
    private final Unattended unattended;

    /** @param unattended null for a command */
    Alerts(Settings settings, Outbox outbox, Unattended unattended) {
        this.settings = settings;
        this.outbox = outbox;
        this.unattended = unattended;
    }

    /** The body is an alert; or the failure of what a schedule does; or a text, which tells of a failure. */
    public void raise(Exchange exchange) {
        Object body = exchange.getMessage().getBody();
        if (body instanceof Alert alert) {
            raise(alert);
        } else if (body instanceof Failure failure) {
            raise(Alert.failure(of(activity(exchange).orElse("Bactrian")), failure.getMessage(), failure.hint()));
        } else {
            raise(Alert.failure(String.valueOf(body), String.valueOf(body), null));
        }
    }

    private void raise(Alert alert) {
        if (alert.event() != Event.SUCCESS && alert.event() != Event.SUMMARY) {
            boolean trouble = alert.event().isTrouble();
            (trouble ? LOG.atError() : LOG.atInfo())
                    .addKeyValue("event", alert.event().text())
                    .log("Alert: {}: {}", alert.headline(), alert.why());
        }
        boolean asked = AlertSettings.events(settings).contains(alert.event().asked());
        List<String> channels = asked ? AlertSettings.channels(settings) : List.of();
        outbox.put(alert, channels.isEmpty() ? null : where(), channels); // to learn our name may take its time
    }

    private String where() {
        try {
            return InetAddress.getLocalHost().getHostName() + ", " + settings.directory();
        } catch (IOException e) {
            return "unknown host, " + settings.directory();
        }
    }

    /** What is to be sent now; nobody else sends while this exchange lasts. */
    public List<Outbox.Delivery> due(Exchange exchange) {
        exchange.setProperty(SILENT, ConcurrentHashMap.newKeySet());
        try {
            if (outbox.isEmpty()) {
                return List.of();
            }
            RunLock lock = outbox.begin();
            if (lock == null) {
                return outbox.onlyHere();
            }
            Resources.closeAfter(exchange, lock);
            return outbox.due();
        } catch (IOException e) {
            LOG.warn("alerts cannot be read: {}", e.getMessage());
            return outbox.onlyHere();
        }
    }

    /** Whether the channel of the delivery in the body works, as far as this round knows: one that is silent is waited for once. */
    public boolean isToTry(Exchange exchange) {
        String channel = exchange.getMessage().getBody(Outbox.Delivery.class).channel();
        return !silent(exchange).contains(channel);
    }

    /** The body is a delivery, and becomes its alert. */
    public void open(Exchange exchange) {
        Outbox.Delivery delivery = exchange.getMessage().getBody(Outbox.Delivery.class);
        exchange.setProperty(DELIVERY, delivery);
        exchange.setProperty(TOLD_OF, exchange.getProperty(Exchange.EXCEPTION_CAUGHT));
        exchange.getMessage().setBody(delivery.letter().alert());
    }

    public void sent(Exchange exchange) throws IOException {
        outbox.sent(exchange.getProperty(DELIVERY, Outbox.Delivery.class));
    }

    /** The exchange carries the exception, whose message may hold the address: only its kind is logged. */
    public void unsent(Exchange exchange) {
        Outbox.Delivery delivery = exchange.getProperty(DELIVERY, Outbox.Delivery.class);
        Throwable why = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        silent(exchange).add(delivery.channel());
        LOG.atWarn()
                .addKeyValue("channel", delivery.channel())
                .log(
                        "The alert \"{}\" could not be sent by {} ({}); it is tried again",
                        delivery.letter().alert().headline(),
                        delivery.channel(),
                        why.getClass().getSimpleName());
        Matcher retryAfter = RETRY_AFTER.matcher(String.valueOf(why.getMessage()));
        Duration pause = Duration.ofSeconds(
                retryAfter.find() ? Math.min(Long.parseLong(retryAfter.group(1)), LONGEST_SILENCE_SECONDS) : 0);
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, exchange.getProperty(TOLD_OF));
        try {
            outbox.unsent(delivery, pause);
        } catch (IOException e) {
            LOG.warn("that cannot be noted: {}", e.getMessage());
        }
    }

    @SuppressWarnings("unchecked")
    private static Set<String> silent(Exchange exchange) {
        return exchange.getProperty(SILENT, Set.class);
    }

    /** The body is an alert, and becomes Slack's message. */
    public void slack(Exchange exchange) {
        exchange.getMessage().setBody(SlackBlocks.of(exchange.getMessage().getBody(Alert.class)));
    }

    /** The body is an alert, and becomes a mail. */
    public void mail(Exchange exchange) {
        Alert alert = exchange.getMessage().getBody(Alert.class);
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setHeader("Subject", "[Bactrian] " + alert.headline());
        exchange.getMessage().setHeader("To", settings.get(Setting.BACKUP_EMAIL_TO));
        exchange.getMessage().setHeader("From", settings.get(Setting.BACKUP_EMAIL_FROM));
        exchange.getMessage().setHeader("CamelMailAlternativeBody", AlertText.plain(alert));
        exchange.getMessage().setBody(AlertText.html(alert));
    }

    /** The exchange carries the exception; the body becomes the alert, or null where nobody has to be told. */
    public void failure(Exchange exchange) {
        exchange.getMessage().setBody(failureOf(exchange).orElse(null));
    }

    private Optional<Alert> failureOf(Exchange exchange) {
        boolean stopping = unattended != null && unattended.places().isStopping();
        Optional<String> activity = activity(exchange);
        Backup backup = Backup.of(exchange);
        boolean chainTold = backup != null
                && backup.wal() != null
                && backup.wal().reception() != null
                && !backup.wal().reception().isIntact();
        if (stopping || chainTold || activity.isEmpty()) {
            return Optional.empty();
        }
        Failure failure = Failures.of(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class));
        boolean scheduled = exchange.getProperty(TakeTurn.SCHEDULE) != null;
        if (failure.exitCode() == ExitCode.BUSY && !scheduled) {
            return Optional.empty(); // somebody is at it already
        }
        Reading reading = Reading.of(exchange);
        boolean damaged = failure.exitCode() == ExitCode.INTEGRITY && reading != null && reading.id() != null;
        Alert alert = damaged
                ? Alert.integrity(tested(reading.id()), failure.getMessage(), failure.hint())
                : Alert.failure(of(activity.get()), failure.getMessage(), failure.hint());
        return Optional.of(alert.next(exchange.getProperty(TakeTurn.NEXT_ATTEMPT, Instant.class)));
    }

    /** What there is to tell after an activity has gone well: that trouble is over, and the success itself. */
    public List<Alert> succeeded(Exchange exchange) {
        List<Alert> told = new ArrayList<>();
        activity(exchange).ifPresent(activity -> {
            Alert recovered = outbox.recovered(of(activity), "the " + activity + " succeeded");
            if (recovered != null) {
                told.add(recovered);
            }
            if (activity.equals("full")) {
                Optional.ofNullable(outbox.recovered(of(CHAIN), "a full succeeded"))
                        .ifPresent(told::add);
            }
            told.add(Alert.success(of(activity), what(exchange, activity)));
        });
        return told;
    }

    private static String what(Exchange exchange, String activity) {
        Backup backup = Backup.of(exchange);
        Manifest manifest = backup == null ? null : backup.manifest();
        return manifest == null
                ? "the " + activity + " succeeded"
                : manifest.id() + ", " + Sizes.text(manifest.storedBytes());
    }

    /** The body is why a chain ends, and becomes the alert. */
    public void chain(Exchange exchange) {
        exchange.getMessage()
                .setBody(Alert.failure(
                        of(CHAIN),
                        exchange.getMessage().getBody(String.class),
                        "The next full starts a new chain; what the old one holds can still be recovered."));
    }

    /** What there is to tell after a backup was read and found whole. */
    public List<Alert> tested(Exchange exchange) {
        BackupId id = Reading.of(exchange).id();
        Alert recovered = outbox.recovered(tested(id), id + " was read and is whole");
        return recovered == null ? List.of() : List.of(recovered);
    }

    /** What there is to tell after stores were brought up to date, or were not. */
    public List<Alert> replicated(Exchange exchange) {
        Replication replication = Replication.of(exchange);
        String stores = of("copies");
        if (!replication.complete()) {
            return List.of(Alert.atRisk(
                    stores,
                    String.join("; ", replication.risks()),
                    "The next backup brings the stores up to date, and so does `bactrian replicate`."));
        }
        Alert recovered = outbox.recovered(stores, "every store has everything");
        return recovered == null ? List.of() : List.of(recovered);
    }

    /** One where a dead man's switch is to be told that a backup succeeded, none elsewhere. */
    public List<String> heartbeats(Exchange exchange) {
        boolean beating = AlertSettings.heartbeat(settings).isPresent()
                && activity(exchange).filter(BACKUPS::contains).isPresent();
        return beating ? List.of("heartbeat") : List.of();
    }

    /** A request to the dead man's switch. */
    public void heartbeat(Exchange exchange) {
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setBody(null);
        AlertSettings.heartbeat(settings)
                .ifPresent(address -> exchange.getMessage().setHeader(Exchange.HTTP_URI, address.toString()));
    }

    private String tested(BackupId id) {
        return of("integrity of " + id);
    }

    /** The name of a schedule's run, or that of a command that nobody waits for. */
    private static Optional<String> activity(Exchange exchange) {
        String schedule = exchange.getProperty(TakeTurn.SCHEDULE, String.class);
        return Optional.ofNullable(schedule).or(() -> Optional.ofNullable(ACTIVITIES.get(exchange.getFromRouteId())));
    }

    private String of(String activity) {
        return subject(settings, activity);
    }

    /** What an alert is about: an activity, and the database by the name that people know. */
    static String subject(Settings settings, String activity) {
        return DatabaseName.known(settings)
                .map(name -> activity + " of " + name)
                .orElse(activity);
    }
}
