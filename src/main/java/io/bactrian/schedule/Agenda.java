package io.bactrian.schedule;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.Failure;
import io.bactrian.repository.DurableFile;
import io.bactrian.repository.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the schedules of one database have done, in a file below BACKUP_DIR, so that nothing is forgotten or done twice when the
 * scheduler starts again, and other programs can see it.
 */
public final class Agenda {
    /** Below the local store; not part of the repository. */
    private static final String FOLDER = ".scheduler";

    private static final String NAME = "schedules";

    private static final Logger LOG = LoggerFactory.getLogger(Agenda.class);

    /** @param turns by schedule */
    public record Page(Instant started, long process, Map<String, Turn> turns) {
        public Page {
            turns = turns == null ? Map.of() : new TreeMap<>(turns);
        }
    }

    private final Path file;
    private final ObjectMapper json = Json.mapper();
    private final Object alone = new Object();
    private volatile Page page;

    private Agenda(Path file, Page page) {
        this.file = file;
        this.page = page;
    }

    /**
     * Opened by the scheduler, and by nobody else at that time.
     *
     * @param database its name among several; empty where there is one
     */
    public static Agenda open(Path root, String database, Instant now) throws IOException {
        Path file = file(root, database);
        Map<String, Turn> turns = read(file).map(Page::turns).orElse(Map.of());
        Agenda agenda = new Agenda(file, new Page(now, ProcessHandle.current().pid(), turns));
        agenda.write();
        return agenda;
    }

    /** As the scheduler last left it; empty if none ever ran. */
    public static Optional<Page> read(Path root, String database) throws IOException {
        return read(file(root, database));
    }

    private static Path file(Path root, String database) {
        String name = database.isEmpty() ? NAME : NAME + "-" + URLEncoder.encode(database, StandardCharsets.UTF_8);
        return root.resolve(FOLDER).resolve(name.replace("*", "%2A") + ".json");
    }

    private static Optional<Page> read(Path file) throws IOException {
        try {
            return Optional.of(Json.mapper().readValue(Files.readAllBytes(file), Page.class));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (JsonProcessingException e) {
            LOG.atWarn().addKeyValue("path", file).log("This file is damaged: the schedules begin anew");
            return Optional.empty();
        }
    }

    public boolean isOf(Path root, String database) {
        return file.equals(file(root, database));
    }

    public Optional<Turn> turn(String schedule) {
        return Optional.ofNullable(page.turns().get(schedule));
    }

    public Page page() {
        return page;
    }

    /** @param change of the turn, or of null where there was none */
    public void change(String schedule, UnaryOperator<Turn> change) {
        synchronized (alone) {
            put(schedule, change.apply(page.turns().get(schedule)));
        }
    }

    /** Unless somebody else has changed the turn since it was seen. */
    public boolean replace(String schedule, Turn seen, Turn next) {
        synchronized (alone) {
            boolean same = seen.equals(page.turns().get(schedule));
            if (same) {
                put(schedule, next);
            }
            return same;
        }
    }

    /** A folder that cannot be written is no reason to run nothing: the run itself says what is wrong. */
    private void put(String schedule, Turn turn) {
        Map<String, Turn> turns = new TreeMap<>(page.turns());
        turns.put(schedule, turn);
        page = new Page(page.started(), page.process(), turns);
        try {
            write();
            Files.deleteIfExists(progressFile(file, schedule));
        } catch (IOException | Failure e) {
            LOG.atError().addKeyValue("path", file).log("cannot note what the schedules did: {}", e.getMessage());
        }
    }

    /** How far a run is, for people who ask meanwhile; not worth a wait for the disk. */
    public void show(String schedule, String progress) {
        try {
            Files.writeString(progressFile(file, schedule), progress);
        } catch (IOException e) {
            LOG.atDebug().addKeyValue("path", file).log("cannot show progress: {}", e.getMessage());
        }
    }

    /** Of a run that is at work; empty where it has shown nothing yet. */
    public static Optional<String> progress(Path root, String database, String schedule) throws IOException {
        try {
            return Optional.of(Files.readString(progressFile(file(root, database), schedule)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static Path progressFile(Path file, String schedule) {
        return file.resolveSibling(file.getFileName() + "." + schedule + ".progress");
    }

    private void write() throws IOException {
        DurableFile.write(new ByteArrayInputStream(json.writeValueAsBytes(page)), file);
    }
}
