package io.bactrian.repository;

/**
 * A place that holds a copy of the repository.
 *
 * @param name how people and settings call it; {@code local} is BACKUP_DIR
 * @param kind the family of routes that reaches it: {@code store-<kind>-put}, {@code -get}, {@code -list}, {@code -delete}. Several
 *     stores may be of one kind, such as buckets in different regions; its routes then tell them apart by the name
 */
public record Store(String name, String kind) {
    /** The exchange property with the store that routes are to work on. */
    public static final String PROPERTY = "store";

    public static final Store LOCAL = new Store("local", "local");
}
