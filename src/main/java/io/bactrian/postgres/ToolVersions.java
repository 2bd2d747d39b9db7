package io.bactrian.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What each pg_dump says its version is. One is asked when it is first met, and again once its file is another: a package may be
 * upgraded while a scheduler runs.
 */
public final class ToolVersions {
    private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) (\\d+\\S*)");

    private record Answer(FileTime modified, long bytes, String version) {
        boolean isOf(BasicFileAttributes file) {
            return modified.equals(file.lastModifiedTime()) && bytes == file.size();
        }
    }

    private final Map<Path, Answer> answers = new ConcurrentHashMap<>();

    /** Empty where it does not run, or says something else; that is not remembered. */
    Optional<String> of(Path dump) throws IOException {
        BasicFileAttributes file = Files.readAttributes(dump, BasicFileAttributes.class);
        Answer known = answers.get(dump);
        if (known != null && known.isOf(file)) {
            return Optional.of(known.version());
        }
        Optional<String> version = ask(dump);
        version.ifPresent(said -> answers.put(dump, new Answer(file.lastModifiedTime(), file.size(), said)));
        return version;
    }

    private static Optional<String> ask(Path dump) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(dump.toString(), "--version").redirectErrorStream(true);
        ChildEnvironment.clear(builder.environment());
        Process process = builder.start();
        process.getOutputStream().close();
        Matcher matcher = VERSION.matcher(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }
}
