package io.bactrian.alert;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.Failure;
import io.bactrian.repository.DurableFile;
import io.bactrian.repository.Json;
import io.bactrian.repository.RunLock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Alerts that are still to be sent, and the troubles that have been told, in files below BACKUP_DIR: neither a channel that is down
 * nor the end of the process loses one. Several processes may use it. An alert is sent at least once: a kill between sending it and
 * noting that sends it again.
 */
public final class Outbox {
    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);
    private static final String FOLDER = ".outbox";
    private static final String TROUBLES = "troubles.json";
    private static final String LETTER = "alert-";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration GIVEN_UP_AFTER = Duration.ofDays(7);
    /** That somebody would still read; beyond them the oldest go. */
    private static final int MOST_LETTERS = 500;

    private static final Duration FIRST_PAUSE = Duration.ofMinutes(1);
    private static final int LONGEST_DOUBLING = 6;

    /**
     * A trouble that has been told and is not over.
     *
     * @param told when, last
     */
    public record Trouble(Instant since, Instant told) {}

    /**
     * An alert that waits.
     *
     * @param file its name in the folder
     * @param channels those that it is still to be sent by, each with how often that has failed and when it is tried again
     */
    public record Letter(String file, Alert alert, Map<String, Try> channels) {
        public Letter {
            channels = Map.copyOf(channels);
        }
    }

    /** How often a channel has failed, and when it is tried again. */
    public record Try(int failures, Instant again) {}

    /** A letter for one channel. */
    public record Delivery(Letter letter, String channel) {}

    private final Path folder;
    private final Clock clock;
    private final Duration reminder;
    private final ObjectMapper json = Json.mapper();
    /** Where the folder cannot be written: better sent once than stored. */
    private final Queue<Letter> unstored = new ConcurrentLinkedQueue<>();

    public Outbox(Path root, Clock clock, Duration reminder) {
        this.folder = root.resolve(FOLDER);
        this.clock = clock;
        this.reminder = reminder;
    }

    /**
     * Puts an alert in. Trouble that has been told not long ago is passed over, and so is a recovery that somebody else has told.
     *
     * @param where host and repository; null where there are no channels
     * @param channels none for what nobody wants to hear: such trouble is not noted as told, as a channel may be configured tomorrow
     */
    public void put(Alert raw, String where, List<String> channels) {
        Instant now = clock.instant();
        Alert alert = raw.raised(where, now);
        String name = LETTER + now.toEpochMilli() + "-" + UUID.randomUUID() + ".json";
        if (alert.event() == Event.RECOVERY) {
            change(troubles -> {
                List<String> over = of(alert.subject(), troubles);
                if (!over.isEmpty()) {
                    send(name, alert, channels); // before it is noted as over: rather twice than never
                    over.forEach(troubles::remove);
                }
            });
        } else if (!alert.event().isTrouble()) {
            send(name, alert, channels);
        } else if (!channels.isEmpty()) {
            change(troubles -> {
                Trouble before = troubles.get(key(alert));
                if (before == null || !before.told().plus(reminder).isAfter(now)) {
                    Instant since = before == null ? now : before.since();
                    send(name, alert.since(since), channels);
                    troubles.put(key(alert), new Trouble(since, now));
                }
            });
        }
    }

    /** The alert that the troubles of a subject are over, which is still to be put in; null where there are none. */
    public Alert recovered(String subject, String what) {
        Map<String, Trouble> troubles = troubles();
        return of(subject, troubles).stream()
                .map(key -> troubles.get(key).since())
                .min(Comparator.naturalOrder())
                .map(since -> Alert.recovery(subject, what, since))
                .orElse(null);
    }

    private static List<String> of(String subject, Map<String, Trouble> troubles) {
        return troubles.keySet().stream()
                .filter(key -> key.substring(key.indexOf(' ') + 1).equals(subject))
                .toList();
    }

    private static String key(Alert alert) {
        return alert.event().text() + " " + alert.subject();
    }

    private void send(String name, Alert alert, List<String> channels) {
        if (channels.isEmpty()) {
            return;
        }
        Map<String, Try> tries = new TreeMap<>();
        channels.forEach(channel -> tries.put(channel, new Try(0, alert.raised())));
        Letter letter = new Letter(name, alert, tries);
        try {
            write(name, letter);
        } catch (IOException | Failure e) {
            LOG.warn("an alert cannot be stored, and is sent once: {}", e.getMessage());
            unstored.removeIf(other -> other.file().equals(name));
            unstored.add(letter);
        }
    }

    /** Whoever holds it may send; null if somebody else does, for too long. */
    public RunLock begin() {
        try {
            return RunLock.acquire(folder, "sending", PATIENCE);
        } catch (IOException | Failure e) {
            LOG.warn("alerts are not sent now: {}", e.getMessage());
            return null;
        }
    }

    /** What could not be stored: nobody else can send it. */
    public List<Delivery> onlyHere() {
        List<Letter> letters = new ArrayList<>();
        for (Letter letter = unstored.poll(); letter != null; letter = unstored.poll()) {
            letters.add(letter);
        }
        return deliveries(letters);
    }

    /** What is to be sent now, oldest first. */
    public List<Delivery> due() throws IOException {
        Instant now = clock.instant();
        List<Letter> letters = new ArrayList<>();
        List<Path> files = files();
        int tooMany = Math.max(0, files.size() - MOST_LETTERS);
        for (Path file : files) {
            Letter letter = read(file);
            if (tooMany-- > 0
                    || letter == null
                    || letter.alert().raised().plus(GIVEN_UP_AFTER).isBefore(now)) {
                LOG.error(
                        "an alert was not sent within {} days, or too many wait behind it, and is given up: {}",
                        GIVEN_UP_AFTER.toDays(),
                        letter == null ? file : letter.alert().headline());
                Files.deleteIfExists(file);
            } else {
                letters.add(letter);
            }
        }
        List<Delivery> due = new ArrayList<>(onlyHere());
        due.addAll(deliveries(letters));
        return due;
    }

    private List<Delivery> deliveries(List<Letter> letters) {
        Instant now = clock.instant();
        return letters.stream()
                .flatMap(letter -> letter.channels().entrySet().stream()
                        .filter(channel -> !channel.getValue().again().isAfter(now))
                        .map(channel -> new Delivery(letter, channel.getKey())))
                .toList();
    }

    public boolean isEmpty() throws IOException {
        return unstored.isEmpty() && files().isEmpty();
    }

    public void sent(Delivery delivery) throws IOException {
        change(delivery, null);
    }

    /**
     * It is tried again, later each time.
     *
     * @param least how long the channel wants to be left alone
     */
    public void unsent(Delivery delivery, Duration least) throws IOException {
        int failures = delivery.letter().channels().get(delivery.channel()).failures() + 1;
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failures - 1, LONGEST_DOUBLING));
        change(delivery, new Try(failures, clock.instant().plus(pause.compareTo(least) < 0 ? least : pause)));
    }

    private void change(Delivery delivery, Try next) throws IOException {
        Path file = folder.resolve(delivery.letter().file());
        Letter now = Files.exists(file) ? read(file) : null;
        if (now == null) {
            return;
        }
        Map<String, Try> channels = new TreeMap<>(now.channels());
        channels.remove(delivery.channel());
        if (next != null) {
            channels.put(delivery.channel(), next);
        }
        if (channels.isEmpty()) {
            Files.deleteIfExists(file);
        } else {
            write(now.file(), new Letter(now.file(), now.alert(), channels));
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> String.valueOf(file.getFileName()).matches(LETTER + ".+\\.json"))
                    .sorted()
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    private Letter read(Path file) throws IOException {
        try {
            return json.readValue(Files.readAllBytes(file), Letter.class);
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    private void write(String name, Object content) throws IOException {
        DurableFile.write(new ByteArrayInputStream(json.writeValueAsBytes(content)), folder.resolve(name));
    }

    private void change(Consumer<Map<String, Trouble>> change) {
        try (RunLock alone = RunLock.acquire(folder, "troubles", PATIENCE)) {
            Map<String, Trouble> troubles = troubles();
            Map<String, Trouble> changed = new TreeMap<>(troubles);
            change.accept(changed);
            if (!changed.equals(troubles)) {
                write(TROUBLES, changed);
            }
        } catch (IOException | Failure e) {
            LOG.warn("what has been told cannot be noted: {}", e.getMessage());
            change.accept(new TreeMap<>(troubles())); // rather twice than never
        }
    }

    private Map<String, Trouble> troubles() {
        try {
            return json.readValue(
                    Files.readAllBytes(folder.resolve(TROUBLES)), new TypeReference<TreeMap<String, Trouble>>() {});
        } catch (NoSuchFileException | JsonProcessingException e) {
            return Map.of();
        } catch (IOException e) {
            LOG.warn("what has been told cannot be read: {}", e.getMessage());
            return Map.of();
        }
    }
}
