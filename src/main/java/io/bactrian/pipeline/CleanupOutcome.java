package io.bactrian.pipeline;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.bactrian.repository.RetentionPlan;

/**
 * How cleanup ended in one store.
 *
 * @param plan null if it failed before there was one
 * @param deleted how many of the plan's items are gone; 0 in a dry run
 * @param error what failed; null if nothing did
 * @param hint what to do about it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CleanupOutcome(String store, boolean dryRun, RetentionPlan plan, int deleted, String error, String hint) {
    public static final String REFUSED_HINT =
            "Set it right (`date` shows the clock), then run `bactrian cleanup --dry-run`.";

    static CleanupOutcome of(Cleaning cleaning) {
        return new CleanupOutcome(
                cleaning.store().name(), cleaning.isDryRun(), cleaning.plan(), cleaning.deleted(), null, null);
    }

    CleanupOutcome failed(String why, String todo) {
        return new CleanupOutcome(store, dryRun, plan, deleted, why, todo);
    }

    /** Whether nothing was deleted because nothing may be. */
    @com.fasterxml.jackson.annotation.JsonIgnore
    public boolean isRefused() {
        return plan != null && plan.refusal() != null;
    }
}
