package io.bactrian.config;

import io.bactrian.Failure;
import io.bactrian.alert.Event;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Whom alerts reach, by which channel, and about what. Addresses with a secret in them are never in a message. */
public final class AlertSettings {
    private static final Pattern CHANNEL = Pattern.compile("[a-z][a-z0-9-]{0,30}");

    private AlertSettings() {}

    static void check(Settings settings) {
        events(settings);
        reminder(settings);
        channels(settings);
        heartbeat(settings);
    }

    /** The events that are told, as {@link Event#asked} names them. */
    public static Set<Event> events(Settings settings) {
        return parts(settings, Setting.BACKUP_NOTIFY_ON).stream()
                .map(name -> Event.askedFor(name)
                        .orElseThrow(() -> settings.bad(
                                Setting.BACKUP_NOTIFY_ON,
                                "names what is no event: " + name,
                                "Some of failure, late, recovery, success, summary, separated by commas.")))
                .collect(Collectors.toSet());
    }

    public static Duration reminder(Settings settings) {
        return Quantity.duration(settings.get(Setting.BACKUP_NOTIFY_REMINDER))
                .orElseThrow(
                        () -> settings.bad(Setting.BACKUP_NOTIFY_REMINDER, "is not a time", "For instance 12h or 3d."));
    }

    /** The channels that are configured: {@code slack}, {@code mail}, and those that route files add. */
    public static List<String> channels(Settings settings) {
        List<String> channels = new ArrayList<>();
        slack(settings).ifPresent(url -> channels.add("slack"));
        smtp(settings).ifPresent(url -> channels.add("mail"));
        for (String name : parts(settings, Setting.BACKUP_NOTIFY_CHANNELS)) {
            if (!CHANNEL.matcher(name).matches()) {
                throw settings.bad(
                        Setting.BACKUP_NOTIFY_CHANNELS,
                        "is not a list of channels",
                        "Names such as teams; routes/notify-teams.camel.yaml then says how it is reached.");
            }
            channels.add(name);
        }
        return List.copyOf(channels);
    }

    public static Optional<URI> slack(Settings settings) {
        return address(settings, Setting.BACKUP_SLACK_WEBHOOK_URL, "http", "https");
    }

    public static Optional<URI> heartbeat(Settings settings) {
        return address(settings, Setting.BACKUP_HEARTBEAT_URL, "http", "https");
    }

    /** {@code smtp://user:password@host:port} or {@code smtps://}. */
    public static Optional<URI> smtp(Settings settings) {
        Optional<URI> smtp = address(settings, Setting.BACKUP_SMTP_URL, "smtp", "smtps");
        for (Setting who : List.of(Setting.BACKUP_EMAIL_TO, Setting.BACKUP_EMAIL_FROM)) {
            if (smtp.isPresent() && !settings.get(who).contains("@")) {
                throw Failure.usage(
                        "BACKUP_SMTP_URL is set, and " + who + " is not an address",
                        "Set BACKUP_EMAIL_TO (several are separated by commas) and BACKUP_EMAIL_FROM.");
            }
        }
        return smtp;
    }

    /** Whether mail may go in the clear: to this very machine, or where {@code ?starttls=off} says so. */
    public static boolean mayBePlain(URI smtp) {
        return "starttls=off".equals(smtp.getQuery())
                || List.of("localhost", "127.0.0.1", "[::1]").contains(smtp.getHost());
    }

    private static Optional<URI> address(Settings settings, Setting setting, String... schemes) {
        String text = settings.get(setting);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            URI address = new URI(text);
            if (List.of(schemes).contains(address.getScheme()) && address.getHost() != null) {
                return Optional.of(address);
            }
        } catch (URISyntaxException e) {
            // its message would show the address
        }
        throw Failure.usage(
                setting + " is not an address that begins with " + String.join(":// or ", schemes)
                        + ":// and has a host",
                "It is not shown here, since it holds a secret. In a user name or password, percent-encode what is not"
                        + " a letter or digit.");
    }

    private static List<String> parts(Settings settings, Setting setting) {
        return Arrays.stream(settings.get(setting).split(","))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .toList();
    }
}
