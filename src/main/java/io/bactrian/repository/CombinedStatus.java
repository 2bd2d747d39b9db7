package io.bactrian.repository;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** How things stand with several repositories together. */
public final class CombinedStatus {
    private CombinedStatus() {}

    /** @param parts at least one */
    public static Status of(List<Status> parts) {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        Optional<Status> latest = parts.stream()
                .filter(part -> part.last() != null)
                .max(Comparator.comparing(part -> part.last().id()));
        return new Status(
                parts.stream()
                        .map(Status::health)
                        .max(Comparator.naturalOrder())
                        .orElseThrow(),
                all(parts, Status::reasons),
                parts.stream().mapToInt(Status::totalBackups).sum(),
                parts.stream().mapToLong(Status::totalBytes).sum(),
                latest.map(Status::last).orElse(null),
                latest.map(Status::lastBytes).orElse(0L),
                all(parts, Status::databases),
                all(parts, Status::backups).stream()
                        .sorted(Comparator.comparing(Status.Entry::id))
                        .toList(),
                all(parts, Status::unreadable),
                all(parts, Status::chains),
                all(parts, Status::stores));
    }

    private static <T> List<T> all(List<Status> parts, Function<Status, List<T>> what) {
        return parts.stream().flatMap(part -> what.apply(part).stream()).toList();
    }
}
