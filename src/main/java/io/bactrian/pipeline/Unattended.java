package io.bactrian.pipeline;

import io.bactrian.schedule.Agenda;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * What a pipeline needs that runs by itself.
 *
 * @param name of the Camel context; no two in one process have the same
 * @param others the schedules that another database's pipeline runs for this one, too
 * @param retired whether another pipeline has taken over: what is at work goes on, nothing new is begun
 */
record Unattended(String name, Agenda agenda, Places places, Set<String> others, BooleanSupplier retired) {
    /** Whether nothing new is begun. */
    boolean isOver() {
        return retired.getAsBoolean() || places.isStopping();
    }
}
