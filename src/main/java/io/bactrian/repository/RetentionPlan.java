package io.bactrian.repository;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

/**
 * What cleanup will do in one store.
 *
 * @param windowStart what can be recovered from then on stays recoverable
 * @param refusal why nothing may be deleted now; null if it may
 * @param items everything that was found; those to delete in the order in which they may go
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RetentionPlan(Instant windowStart, String refusal, List<Item> items) {

    public enum Kind {
        FULL,
        BASE,
        INCREMENTAL,
        /** Files of no backup. */
        ORPHAN,
        LEASE,
        /** Cannot be read or is not authentic: not ours to delete. */
        UNKNOWN
    }

    /**
     * One thing that stays or goes as a whole.
     *
     * @param path the folder of a backup, else of the files
     * @param reason why, in words
     * @param bytes in the store; 0 where nobody knows
     * @param files all of it, in the order in which they are to be deleted: without the first it does not exist any more
     */
    public record Item(
            Kind kind,
            String path,
            boolean keep,
            String reason,
            long bytes,
            @JsonIgnore Manifest manifest,
            @JsonIgnore Supplier<List<String>> files) {

        static Item kept(Kind kind, String path, String reason, Manifest manifest) {
            return new Item(
                    kind, path, true, reason, manifest == null ? 0 : manifest.storedBytes(), manifest, List::of);
        }

        static Item deleted(Kind kind, String path, String reason, Manifest manifest, Supplier<List<String>> files) {
            return new Item(kind, path, false, reason, manifest == null ? 0 : manifest.storedBytes(), manifest, files);
        }

        private Item spared(String why) {
            return keep ? this : new Item(kind, path, true, why, bytes, manifest, List::of);
        }
    }

    public RetentionPlan {
        items = List.copyOf(items);
    }

    /** The same, with nothing deleted. */
    RetentionPlan refusedFor(String why) {
        return new RetentionPlan(
                windowStart, why, items.stream().map(item -> item.spared(why)).toList());
    }

    public List<Item> deletions() {
        return items.stream().filter(item -> !item.keep()).toList();
    }

    public List<Item> kept() {
        return items.stream().filter(Item::keep).toList();
    }
}
