package io.bactrian.cli;

import io.bactrian.pipeline.Sizes;
import io.bactrian.repository.Manifest;
import io.bactrian.repository.RetentionPlan;
import io.bactrian.repository.RetentionPlan.Item;
import io.bactrian.repository.RetentionPlan.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A plan for a person: each backup, the log of a chain as ranges, and not more lines than one reads. */
final class CleanupLines {
    private static final int SHOWN = 50;

    private record Range(BackupRange of, boolean keep, String reason) {}

    /** The log that goes or stays together: of one chain. */
    private record BackupRange(String systemId, String chain) {}

    private CleanupLines() {}

    static List<String> of(RetentionPlan plan) {
        List<String> lines = new ArrayList<>();
        lines.addAll(bounded(
                plan.items().stream()
                        .filter(item -> item.kind() != Kind.INCREMENTAL && !item.keep())
                        .map(CleanupLines::line)
                        .toList(),
                "to delete"));
        lines.addAll(ranges(plan));
        lines.addAll(bounded(
                plan.items().stream()
                        .filter(item -> item.kind() != Kind.INCREMENTAL && item.keep())
                        .map(CleanupLines::line)
                        .toList(),
                "to keep"));
        return lines;
    }

    private static List<String> bounded(List<String> lines, String what) {
        if (lines.size() <= SHOWN) {
            return lines;
        }
        List<String> shown = new ArrayList<>(lines.subList(0, SHOWN));
        shown.add("… and " + (lines.size() - SHOWN) + " more " + what + "; --json lists all");
        return shown;
    }

    private static String line(Item item) {
        return word(item.keep()) + item.path() + (item.bytes() > 0 ? "  " + Sizes.text(item.bytes()) : "") + "  "
                + item.reason();
    }

    private static String word(boolean keep) {
        return keep ? "keep    " : "delete  ";
    }

    private static List<String> ranges(RetentionPlan plan) {
        Map<Range, List<Item>> ranges = new LinkedHashMap<>();
        plan.items().stream()
                .filter(item -> item.kind() == Kind.INCREMENTAL)
                .forEach(item -> ranges.computeIfAbsent(range(item), r -> new ArrayList<>())
                        .add(item));
        return bounded(
                ranges.entrySet().stream()
                        .map(entry -> line(entry.getKey(), entry.getValue()))
                        .toList(),
                "ranges of WAL");
    }

    private static Range range(Item item) {
        Manifest manifest = item.manifest();
        return new Range(
                new BackupRange(
                        manifest.systemIdentifier(), manifest.wal().chain().text()),
                item.keep(),
                item.reason());
    }

    private static String line(Range range, List<Item> items) {
        Manifest first = items.get(0).manifest();
        Manifest last = items.get(items.size() - 1).manifest();
        long segments = items.stream()
                .mapToLong(item -> item.manifest().artifacts().size())
                .sum();
        return word(range.keep()) + "wal/" + range.of().systemId() + "/"
                + range.of().chain() + "  "
                + first.wal().start() + " to " + last.wal().end() + "  " + items.size() + " incrementals, " + segments
                + " files, " + Sizes.text(items.stream().mapToLong(Item::bytes).sum()) + "  " + range.reason();
    }
}
